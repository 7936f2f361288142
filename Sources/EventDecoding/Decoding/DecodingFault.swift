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
  /// The feature or member that is at fault; nil if it is the payload as a whole.
  public let subject: String?

  public init(_ stage: Stage, _ message: String, offset: Int? = nil, subject: String? = nil) {
    self.stage = stage
    self.message = message
    self.offset = offset
    self.subject = subject
  }

  /// The fault in words that quote nothing of the event, for where its values must not go.
  public var withoutValues: String {
    switch stage {
    case .payload: message
    case .json: "the payload is not valid JSON" + (offset.map { ": byte \($0)" } ?? "")
    case .feature: "\(subject ?? "a feature") is missing or does not fit"
    case .member: "\(subject ?? "a member") has no value"
    }
  }
}

extension DecodingFault {
  static var noPayload: Self { Self(.payload, "the record has no payload: it is a tombstone") }
  static var emptyPayload: Self { Self(.payload, "the record's payload is empty") }
}

extension DecodingFault: CustomStringConvertible {
  public var description: String { message }
}
