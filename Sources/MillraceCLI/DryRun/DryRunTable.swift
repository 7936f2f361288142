import Millrace

/// The outcomes of a dry run as a table of at most 100 columns, printed line by line as events come.
struct DryRunTable {
  static let width = 100
  private static let idWidth = 24
  private static let indentation = 6

  private let configuration: Configuration
  private let showsFeatures: Bool
  private let laneWidth: Int

  init(_ configuration: Configuration, showsFeatures: Bool) {
    self.configuration = configuration
    self.showsFeatures = showsFeatures
    laneWidth = max(4, min(20, configuration.lanes.map(\.name.value.count).max() ?? 0))
  }

  /// The first lines: the rules by number, and the heads of the columns.
  var head: [String] {
    var lines = ["rules (the first that matches)"]
    for (index, route) in configuration.routes.enumerated() {
      let start = "  \(padded("\(index + 1)", 3))\(padded(route.lane.value, laneWidth))  "
      let when =
        route.when.map { configuration.redacted($0.value) }?.split(whereSeparator: \.isNewline).joined(separator: " ") ?? "everything else"
      lines += wrapped(words: when.split(separator: " ").map(String.init), after: start)
    }
    return lines + ["", "line  \(padded("id", Self.idWidth))  \(padded("lane", laneWidth))  rule  prediction"]
  }

  func rows(_ outcome: DryRunOutcome, line: Int) -> [String] {
    let id = outcome.id.map { $0.hasPrefix("\"") ? String($0.dropFirst().dropLast()) : $0 } ?? "-"
    let number = "\(line)"
    let start = [
      String(repeating: " ", count: max(0, 4 - number.count)) + number, padded(shortened(id, Self.idWidth), Self.idWidth),
      padded(shortened(outcome.lane, laneWidth), laneWidth), padded("\(outcome.rule.number)", 4), "",
    ].joined(separator: "  ")
    var lines = wrapped(words: words(of: outcome), after: start)
    let margin = String(repeating: " ", count: Self.indentation)
    for failed in outcome.failedRules {
      lines += wrapped(words: failed.reason.split(separator: " ").map(String.init), after: "\(margin)rule \(failed.rule.number) failed: ")
    }
    if showsFeatures { lines += grid(outcome.features) }
    return lines
  }

  /// The prediction's members in words, or the fault.
  private func words(of outcome: DryRunOutcome) -> [String] {
    if let fault = outcome.fault { return ["DEAD LETTER:"] + fault.message.split(whereSeparator: \.isWhitespace).map(String.init) }
    let members = outcome.memberTexts
    let model = configuration.lane(named: outcome.lane).flatMap { configuration.model(named: $0.model.value) }
    let names = (model?.outputs.map(\.name.value) ?? []) + configuration.publish.include.map(\.name.value)
    return names.enumerated().map { index, name in "\(name) \(members[name] ?? "null")" + (index < names.count - 1 ? "," : "") }
  }

  /// Lines with names and values side by side, as many as fit.
  private func grid(_ features: [DryRunOutcome.Feature]) -> [String] {
    let cells = features.map { (name: shortened($0.name, 40), value: shortened(summary(of: $0), 40)) }
    guard let nameWidth = cells.map(\.name.count).max(), let valueWidth = cells.map(\.value.count).max() else { return [] }
    let cellWidth = nameWidth + valueWidth + 4
    let perLine = max(1, (Self.width - Self.indentation + 3) / cellWidth)
    return stride(from: 0, to: cells.count, by: perLine).map { first in
      let row = cells[first..<min(first + perLine, cells.count)].map { "\(padded($0.name, nameWidth)) \(padded($0.value, valueWidth))" }
      let line = String(repeating: " ", count: Self.indentation) + row.joined(separator: "   ")
      return String(line.reversed().drop { $0 == " " }.reversed())
    }
  }

  private func summary(of feature: DryRunOutcome.Feature) -> String {
    guard feature.isVector, feature.values.count > 3 else { return feature.text }
    return "[\(feature.values.prefix(2).joined(separator: ",")),… \(feature.values.count) numbers]"
  }

  /// Words with blanks between, broken at the width; further lines stand under the first word.
  private func wrapped(words: [String], after start: String) -> [String] {
    var lines: [String] = []
    var line = start
    var isEmpty = true
    for word in words {
      if !isEmpty, line.count + 1 + word.count > Self.width {
        lines.append(line)
        line = String(repeating: " ", count: start.count)
        isEmpty = true
      }
      line += (isEmpty ? "" : " ") + shortened(word, max(20, Self.width - start.count))
      isEmpty = false
    }
    return lines + [line]
  }

  private func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }

  private func shortened(_ text: String, _ width: Int) -> String {
    text.count > width ? text.prefix(width - 1) + "…" : text
  }
}

/// How many events each lane took, and how many would be dead letters.
struct DryRunCounts: CustomStringConvertible {
  private var events = 0
  private var deadLetters = 0
  private var lanes: [(name: String, count: Int)] = []

  mutating func add(_ outcome: DryRunOutcome) {
    events += 1
    if outcome.fault != nil { deadLetters += 1 }
    if let index = lanes.firstIndex(where: { $0.name == outcome.lane }) {
      lanes[index].count += 1
    } else {
      lanes.append((outcome.lane, 1))
    }
  }

  var description: String {
    let shares = lanes.sorted { $0.name < $1.name }.map { "\($0.name) \($0.count)" }
    let parts = ["\(events) \(events == 1 ? "event" : "events")"] + shares
    return (parts + ["\(deadLetters) dead \(deadLetters == 1 ? "letter" : "letters")"]).joined(separator: ", ")
  }
}
