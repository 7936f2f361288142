/// The figures of what a redrive did, or would do: printed as a table, and as one JSON object by `--report json`.
package struct RedriveReport: Encodable, Sendable {
  /// Letters that failed for the same reason.
  package struct Group: Encodable, Sendable {
    package let stage: String
    package let message: String
    package internal(set) var count: Int
    /// `topic/partition/offset` of the first letters.
    package internal(set) var samples: [String]
  }

  package internal(set) var durationS = 0.0
  package internal(set) var isDryRun = false
  /// How many letters were read, those that earlier runs have moved included.
  package internal(set) var read = 0
  /// How many letters earlier runs have moved.
  package internal(set) var movedBefore = 0
  package internal(set) var redriven = 0
  package internal(set) var predicted = 0
  package internal(set) var deadLettered = 0
  /// How many letters were left, by reason.
  package internal(set) var left: [String: Int] = [:]
  /// Letters on which the filter failed; they count as not matching.
  package internal(set) var filterFailed = 0
  /// The letters that were moved, by why they failed; the largest group first.
  package internal(set) var groups: [Group] = []

  enum CodingKeys: String, CodingKey {
    case durationS = "duration_s"
    case isDryRun = "dry_run"
    case read
    case movedBefore = "moved_before"
    case redriven, predicted
    case deadLettered = "dead_lettered"
    case left
    case filterFailed = "filter_failed"
    case groups
  }

  /// How many letters were moved, whatever became of them.
  package var moved: Int { redriven + predicted + deadLettered }

  private static let maxGroups = 1000
  private static let samplesPerGroup = 3
  static let otherMessages = "other messages"

  mutating func leave(_ leaving: RedriveLeaving) { left[leaving.rawValue, default: 0] += 1 }

  mutating func move(_ letter: MovedLetter, as outcome: RedriveOutcome) {
    switch outcome {
    case .redriven: redriven += 1
    case .predicted: predicted += 1
    case .deadLettered: deadLettered += 1
    }
    let known = groups.firstIndex { $0.stage == letter.stage && $0.message == letter.message }
    if let index = known ?? groups.firstIndex(where: { groups.count >= Self.maxGroups && $0.message == Self.otherMessages }) {
      groups[index].count += 1
      if groups[index].samples.count < Self.samplesPerGroup { groups[index].samples.append(letter.source) }
    } else {
      let message = groups.count == Self.maxGroups - 1 ? Self.otherMessages : letter.message
      groups.append(Group(stage: letter.stage, message: message, count: 1, samples: [letter.source]))
    }
  }

  /// The report as a table, line by line.
  package func lines(_ options: RedriveOptions) -> [String] {
    let sorted = groups.sorted { ($1.count, $0.stage, $0.message) < ($0.count, $1.stage, $1.message) }
    let width = max(5, "\(sorted.first?.count ?? 0)".count)
    var lines = [Self.row("count", "stage", "message", width)]
    for group in sorted.prefix(20) {
      lines.append(Self.row("\(group.count)", group.stage, String(Self.oneLine(group.message).prefix(200)), width))
      let more = group.count > group.samples.count ? ", …" : ""
      lines.append(String(repeating: " ", count: width) + "           " + group.samples.joined(separator: ", ") + more)
    }
    if sorted.count > 20 {
      lines.append(Self.row("\(sorted.dropFirst(20).reduce(0) { $0 + $1.count })", "", "\(sorted.count - 20) other messages", width))
    }
    lines.append("")
    for leaving in RedriveLeaving.allCases {
      if let count = left[leaving.rawValue] { lines.append("left \(count): \(leaving.reason(options))") }
    }
    if filterFailed > 0 { lines.append("the filter failed on \(filterFailed) of those that it does not match") }
    if movedBefore > 0 { lines.append("moved before: \(movedBefore)") }
    let fates = options.lane == nil ? "" : isDryRun ? "" : ": \(predicted) predicted, \(deadLettered) dead-lettered again"
    lines.append("\(isDryRun ? "would move" : "moved") \(moved) of \(read) letters\(fates)")
    return lines
  }

  private static func row(_ count: String, _ stage: String, _ message: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - count.count)) + count + "  "
      + stage + String(repeating: " ", count: max(1, 9 - stage.count)) + message
  }

  private static func oneLine(_ text: String) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }))
  }
}

/// What the report says of a letter that is moved.
struct MovedLetter {
  let stage: String
  let message: String
  /// `topic/partition/offset` of the record.
  let source: String
}
