/// The kinds of extracted fields (`cel_kind`), as numbers that a `switch` can compare. Inlinable, so that who fills and who reads fields
/// in other modules compares with a constant.
package enum FieldKind {
  @inlinable package static var absent: Int32 { 0 }
  @inlinable package static var null: Int32 { 1 }
  @inlinable package static var `false`: Int32 { 2 }
  @inlinable package static var `true`: Int32 { 3 }
  @inlinable package static var int: Int32 { 4 }
  @inlinable package static var uint: Int32 { 5 }
  @inlinable package static var double: Int32 { 6 }
  @inlinable package static var string: Int32 { 7 }
  @inlinable package static var list: Int32 { 8 }
  @inlinable package static var map: Int32 { 9 }
  @inlinable package static var bytes: Int32 { 10 }
  @inlinable package static var timestamp: Int32 { 11 }
}
