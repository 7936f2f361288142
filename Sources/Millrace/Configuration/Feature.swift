extension Configuration {
  /// One column of a model input, or a block of columns when it is a vector.
  public struct Feature: Sendable {
    public enum Missing: Sendable, Equatable {
      /// The record becomes a dead letter.
      case error
      case nan
      case number(Double)
      case bool(Bool)
      case string(String)
    }

    /// A fixed-width block of float32 columns.
    public struct Vector: Sendable {
      public enum Encoding: String, CaseIterable, Sendable {
        case array, csv, base64
      }

      public internal(set) var length = Located(0)
      public internal(set) var encoding = Located(Encoding.array)

      init() {}
    }

    /// Given, or the expression itself.
    public internal(set) var name = Located("")
    public internal(set) var expression = Located("")
    /// What takes the place of a field that is absent or null.
    public internal(set) var missing = Located(Missing.error)
    public internal(set) var vector: Vector?

    init() {}

    /// Columns that the feature fills.
    public var width: Int { vector?.length.value ?? 1 }
  }
}
