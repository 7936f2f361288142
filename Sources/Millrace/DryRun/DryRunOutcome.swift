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

  public struct FailedRule: Sendable {
    public let rule: Rule
    public let reason: String
  }

  public struct Feature: Sendable {
    public let name: String
    /// The value as the model was given it: one number, bool or string, or the numbers of a vector; NaN is `"NaN"`.
    public let values: [String]
    public let isVector: Bool

    /// The value as JSON.
    public var text: String { isVector ? "[\(values.joined(separator: ","))]" : values.first ?? "null" }
  }

  /// Why the record would be a dead letter.
  public struct Fault: Sendable {
    public let stage: FailureStage
    public let message: String
  }

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
  public let fault: Fault?

  /// The values of the prediction's members for people, by name.
  public var memberTexts: [String: String] { members.mapValues(\.text) }

  /// The outcome as one JSON object on one line.
  /// - Parameter line: the line of the event in its file, counted from 1.
  public func json(line: Int) -> String {
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
