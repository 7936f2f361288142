/// Why a record could not be decoded, in words for whoever finds it among the dead letters.
public struct DecodingFault: Error, Equatable, Sendable {
  /// Which part of the work failed.
  public enum Stage: String, Sendable {
    /// There is no payload, or it has the wrong size.
    case payload
    /// The payload is not valid JSON.
    case json
    /// A feature is missing or doesn't fit its tensor.
    case feature
    /// The id or an included member has no value.
    case member
  }

  public let stage: Stage
  /// What was expected, what was found instead, and where.
  public let message: String
  /// The byte of the payload where the fault was found, counted from 0; nil if it has no single place.
  public let offset: Int?

  public init(_ stage: Stage, _ message: String, offset: Int? = nil) {
    self.stage = stage
    self.message = message
    self.offset = offset
  }
}

extension DecodingFault: CustomStringConvertible {
  public var description: String { message }
}
