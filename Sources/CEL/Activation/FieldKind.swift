/// The kinds of extracted fields (`cel_kind`), as numbers that a `switch` can compare. Public and inlinable, so that other modules compare
/// with constants.
public enum FieldKind {
  @inlinable public static var absent: Int32 { 0 }
  @inlinable public static var null: Int32 { 1 }
  @inlinable public static var `false`: Int32 { 2 }
  @inlinable public static var `true`: Int32 { 3 }
  @inlinable public static var int: Int32 { 4 }
  @inlinable public static var uint: Int32 { 5 }
  @inlinable public static var double: Int32 { 6 }
  @inlinable public static var string: Int32 { 7 }
  @inlinable public static var list: Int32 { 8 }
  @inlinable public static var map: Int32 { 9 }
}
