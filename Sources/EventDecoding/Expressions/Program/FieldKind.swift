import CSimdJSON

/// The kinds of extracted fields, as numbers that a `switch` can compare.
enum FieldKind {
  static let absent: Int32 = 0
  static let null: Int32 = 1
  static let `false`: Int32 = 2
  static let `true`: Int32 = 3
  static let int: Int32 = 4
  static let uint: Int32 = 5
  static let double: Int32 = 6
  static let string: Int32 = 7
  static let array: Int32 = 8
  static let object: Int32 = 9
}
