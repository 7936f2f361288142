import EventDecoding

extension Configuration {
  /// The configuration in words for `millrace check`, line by line: what would run. Free of secrets.
  public func summary() -> [String] {
    var lines = [
      "\(file): group \(group.value), \(event.format.value.rawValue) events\(event.id.map { ", id \($0.value.oneLine)" } ?? "")", "",
    ]
    lines += ["lanes"] + Self.table(laneRows) + lanes.compactMap(Self.fallbackLine) + [""]
    lines += ["routes (the first that matches)"] + Self.table(routeRows) + [""]
    lines += ["models"] + models.flatMap(modelLines) + [""]
    lines += ["output"]
    lines += Self.table([
      [
        "predictions", publish.topic.value,
        (publish.include.map { "\($0.name.value) = \($0.expression.value.oneLine)" }).joined(separator: ", "),
      ],
      ["dead letters", deadLetter.topic.value, deadLetter.payload.value == .full ? "" : "payload: \(deadLetter.payload.value.rawValue)"],
    ])
    lines += ["", "kafka"] + kafka.properties.map { "  \($0)" }
    for lane in lanes { lines += lane.kafka.properties.map { "  \($0) (lane \(lane.name.value))" } }
    let address = operations.address?.value ?? Operations.defaultAddress
    let changes = operations.token == nil ? "changes are refused: there is no token" : "changes need the token"
    lines += ["", "operations", "  \(address)\(address == .off ? "" : ", \(changes)")"]
    return lines.map(redacted)
  }

  /// A text without the secrets that the configuration holds.
  package func redacted(_ text: String) -> String { source.secrets.redacted(text) }

  private var laneRows: [[String]] {
    [["lane", "group", "topics", "model", "batch", "delay", "deadline", "workers", "nice"]]
      + lanes.map { lane in
        [
          lane.name.value, groupID(of: lane), topics(of: lane).map(\.value).joined(separator: ","), lane.model.value,
          "1-\(lane.maxBatchSize.value)", lane.maxDelay.value.configured, lane.deadline?.value.configured ?? "-", "\(lane.workers.value)",
          "\(lane.threadNice)",
        ]
      }
  }

  /// A line about what becomes of records without their model; nil where the file says nothing of it.
  private static func fallbackLine(_ lane: Lane) -> String? {
    guard lane.fallback != nil || lane.breaker.onOpen != nil else { return nil }
    let answer = lane.fallback.map { fallback in
      fallback.model.map { "model \($0.value)" }
        ?? fallback.outputs.map { "\($0.name.value) = \($0.value.value.compact)" }.joined(separator: ", ")
    }
    let parts = ["while its model fails: \(lane.whenOpen.rawValue)"] + (answer.map { ["fallback: \($0)"] } ?? [])
    return "  \(lane.name.value) \(parts.joined(separator: "; "))"
  }

  private var routeRows: [[String]] {
    routes.enumerated().map { index, route in ["\(index + 1).", route.lane.value, route.when?.value.oneLine ?? "everything else"] }
  }

  private func modelLines(_ model: Model) -> [String] {
    var lines = ["  \(model.name.value)\(model.version.map { " \($0.value)" } ?? ""): \(model.resolvedPath)"]
    for input in model.inputs {
      let width = input.features.reduce(0) { $0 + $1.width }
      lines.append("    input \(input.name.value), \(width) \(width == 1 ? "column" : "columns")")
      lines += Self.wrapped(input.features.map { $0.vector == nil ? $0.name.value.oneLine : "\($0.name.value.oneLine)[\($0.width)]" })
    }
    return lines + model.outputs.map { "    output \($0.name.value) = \($0.selector.value)" }
  }

  /// Rows with their columns aligned, two spaces between them and before them.
  private static func table(_ rows: [[String]]) -> [String] {
    let columns = rows.map(\.count).max() ?? 0
    let widths = (0..<columns).map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      let cells = zip(row, widths).map { cell, width in cell + String(repeating: " ", count: width - cell.count) }
      var line = "  " + cells.joined(separator: "  ")
      while line.last == " " { line.removeLast() }
      return line
    }
  }

  private static func wrapped(_ items: [String]) -> [String] {
    var lines: [String] = []
    for (index, item) in items.enumerated() {
      let text = item + (index + 1 < items.count ? "," : "")
      if let last = lines.last, last.count + text.count < 110 {
        lines[lines.count - 1] = "\(last) \(text)"
      } else {
        lines.append("      " + text)
      }
    }
    return lines
  }
}

extension Configuration: CustomStringConvertible {
  public var description: String { summary().joined(separator: "\n") }
}

extension String {
  /// The text on one line: an expression may be written over several.
  fileprivate var oneLine: String { split(whereSeparator: \.isWhitespace).joined(separator: " ") }
}
