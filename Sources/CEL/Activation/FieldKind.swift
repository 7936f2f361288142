/// The kinds of extracted fields (`cel_kind`), as numbers that a `switch` can compare. Public and inlinable, so that other modules compare
/// with constants.
public enum FieldKind {
  /// The event has no such field.
  @inlinable public static var absent: Int32 { 0 }
  /// A JSON null.
  @inlinable public static var null: Int32 { 1 }
  /// A bool that is false.
  @inlinable public static var `false`: Int32 { 2 }
  /// A bool that is true.
  @inlinable public static var `true`: Int32 { 3 }
  /// A whole number that fits in `Int64`.
  @inlinable public static var int: Int32 { 4 }
  /// A whole number that fits in `UInt64` alone.
  @inlinable public static var uint: Int32 { 5 }
  /// Any other number.
  @inlinable public static var double: Int32 { 6 }
  /// A text, in UTF-8.
  @inlinable public static var string: Int32 { 7 }
  /// An array.
  @inlinable public static var list: Int32 { 8 }
  /// An object.
  @inlinable public static var map: Int32 { 9 }
  /// What JSON allows and no value can hold; see `UnreadablePart`.
  @inlinable public static var unreadable: Int32 { 10 }
}
