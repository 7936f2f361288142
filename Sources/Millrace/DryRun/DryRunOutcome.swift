import EventDecoding

/// What became of a record in a dry run. Values are JSON text, written as the lane writes them.
public struct DryRunOutcome: Sendable {
  /// A rule of the configuration's `routes`.
  public struct Rule: Sendable {
    /// The rule's place among the configuration's routes, counted from 1.
    public let number: Int
    /// The rule's condition; nil: it takes every record.
    public let when: String?
  }

  /// A rule that failed on the record, and so did not match.
  public struct FailedRule: Sendable {
    /// The rule.
    public let rule: Rule
    /// Why it failed.
    public let reason: String
  }

  /// A feature, and its value as the model was given it.
  public struct Feature: Sendable {
    /// The feature's name.
    public let name: String
    /// The value as the model was given it: one number, bool or string, or the numbers of a vector; NaN is `"NaN"`.
    public let values: [String]
    /// Whether it is a vector, and not a single value.
    public let isVector: Bool

    /// The value as JSON.
    public var text: String { isVector ? "[\(values.joined(separator: ","))]" : values.first ?? "null" }
  }

  /// Why the record would be a dead letter.
  public struct Fault: Sendable {
    /// The stage that failed.
    public let stage: FailureStage
    /// What a dead letter would say.
    public let message: String
  }

  /// The lane that took the record.
  public let lane: String
  /// The rule that chose the lane.
  public let rule: Rule
  /// Rules before it that failed on the record, and so did not match.
  public let failedRules: [FailedRule]
  /// The event's id; nil where it can't be told.
  public let id: String?
  /// The features as the model was given them; empty if the record could not be decoded.
  public let features: [Feature]
  /// The output record's JSON; nil if there is a fault.
  public let prediction: String?
  /// Why the record would be a dead letter; nil if it has a prediction.
  public let fault: Fault?

  /// The values of the prediction's members for people, by name.
  public var memberTexts: [String: String] { members.mapValues(\.text) }

  /// The outcome as one JSON object on one line.
  /// - Parameter line: the line of the event in its file, counted from 1.
  package func json(line: Int) -> String {
    var members = ["\"line\":\(line)", "\"id\":\(id ?? "null")", "\"lane\":\(quoted(lane))", "\"rule\":\(rule.number)"]
    members.append("\"when\":\(rule.when.map(quoted) ?? "null")")
    let failed = failedRules.map { failure in
      "{\"rule\":\(failure.rule.number),\"when\":\(failure.rule.when.map(quoted) ?? "null"),\"reason\":\(quoted(failure.reason))}"
    }
    members.append("\"failed_rules\":[\(failed.joined(separator: ","))]")
    members.append("\"features\":{\(features.map { "\(quoted($0.name)):\($0.text)" }.joined(separator: ","))}")
    if let prediction { members.append("\"prediction\":\(prediction)") }
    if let fault { members.append("\"fault\":{\"stage\":\"\(fault.stage.rawValue)\",\"message\":\(quoted(fault.message))}") }
    return "{\(members.joined(separator: ","))}"
  }

  private func quoted(_ text: String) -> String {
    var buffer = ByteBuffer()
    buffer.append(quoted: text)
    return String(decoding: buffer.bytes, as: UTF8.self)
  }
}
