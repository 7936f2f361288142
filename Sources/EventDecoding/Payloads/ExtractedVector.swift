/// An array of numbers of an event, read into memory in the element type of its feature while the payload was gone over.
struct ExtractedVector {
  enum State {
    /// As many elements as there are, and as fit, are in memory.
    case read
    /// The element at `faultIndex` is of this kind (a `FieldKind`) and no number.
    case noNumber(kind: Int32)
    /// The element at `faultIndex` does not fit the type.
    case outOfRange
  }

  let state: State
  let elements: UnsafeRawPointer?
  /// How many the array has.
  let count: Int
  let faultIndex: Int
}
