import ArgumentParser
import Foundation
import Millrace

struct DryRunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dry-run", abstract: "Say of each event which lane takes it, why, and what its prediction is. Needs no Kafka.",
    discussion: """
      Events are read one a line; blank lines are passed over. With event.format tensor, a line is a JSON array of numbers. \
      A record's offset is its line, counted from 0.
      """)

  @Argument(help: "The configuration file.") var config: String
  @Argument(help: ArgumentHelp("Events, one JSON document a line; standard input if left out or -.", valueName: "events.ndjson"))
  var events: String?
  @Option(help: "How to print: table or json, one object a line.") var format: DryRunFormat = .table
  @Flag(help: "Show the features in the table, too.") var features = false
  @Option(name: .customLong("header"), help: ArgumentHelp("A header of every record; may be repeated.", valueName: "name=value"))
  var headers: [HeaderArgument] = []
  @Option(help: "The key of every record.") var key: String?
  @Option(help: "The topic that the records come from; the configuration's first if left out.") var topic: String?
  @Option(help: "The timestamp of every record, for example 2026-01-31T23:30:00Z; the present time if left out.")
  var timestamp: TimeArgument?

  func run() async throws {
    try await reportingFaults {
      let configuration = try Configuration.load(config)
      if let topic, !configuration.allTopics.contains(topic) {
        throw ValidationError("no lane reads the topic '\(topic)'; topics: \(configuration.allTopics.joined(separator: ", "))")
      }
      let lines = try EventLines(path: events ?? "-")
      let dryRun = try DryRun(configuration)
      let table = DryRunTable(configuration, showsFeatures: features)
      var counts = DryRunCounts()
      if format == .table { for line in table.head { print(line) } }
      while let event = lines.next() {
        let record = DryRunRecord(
          payload: DryRunRecord.payload(event.bytes, format: configuration.event.format.value), key: key,
          headers: headers.map { ($0.name, $0.value) }, topic: topic, offset: Int64(event.number - 1),
          timestampMs: timestamp?.milliseconds ?? RecordTime.now)
        guard let outcome = dryRun.run(record) else { continue }
        counts.add(outcome)
        switch format {
        case .table: for line in table.rows(outcome, line: event.number) { print(line) }
        case .json: print(outcome.json(line: event.number))
        }
      }
      if format == .table { print("\n\(counts)") }
      fflush(nil)
    }
  }
}

enum DryRunFormat: String, ExpressibleByArgument, CaseIterable {
  case table, json
}

struct TimeArgument: ExpressibleByArgument {
  let milliseconds: Int64

  init?(argument: String) {
    guard let milliseconds = RecordTime.milliseconds(of: argument) else { return nil }
    self.milliseconds = milliseconds
  }
}
