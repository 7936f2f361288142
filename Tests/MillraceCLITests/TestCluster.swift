import Foundation
import KafkaClient
import Testing

/// Where a test's records go: topics of its own on the cluster that MILLRACE_TEST_BROKERS names, or else a development broker's.
/// kcat writes and reads them, a client that is not ours.
struct TestCluster {
  static let kcat = "/usr/bin/kcat"
  /// A real cluster's bootstrap servers.
  private static let brokers = ProcessInfo.processInfo.environment["MILLRACE_TEST_BROKERS"]
  /// So many that the development broker, which keeps the last 5 MiB of each, loses no record.
  private static let partitions = ["transactions": 48, "predictions": 24, "transactions.dlq": 8]

  let address: String
  /// Begins the names of the topics and of the group.
  private let prefix: String

  static func with(_ body: (TestCluster) throws -> Void) throws {
    let prefix = "millrace-test-\(UInt32.random(in: .min ... .max))-"
    if let brokers {
      try TestCluster(address: brokers, prefix: prefix).withNewTopics(body)
    } else {
      let broker = try ChildProcess(
        ChildProcess.millrace, ["broker"] + partitions.flatMap { ["--topic", "\(prefix)\($0.key):\($0.value)"] })
      let address = broker.firstLine()
      defer {
        broker.send(SIGTERM)
        _ = try? broker.outcome()
      }
      try #require(address.hasPrefix("127.0.0.1:"))
      try body(TestCluster(address: address, prefix: prefix))
    }
  }

  private func withNewTopics(_ body: (TestCluster) throws -> Void) throws {
    let admin = try KafkaAdmin(["bootstrap.servers": address])
    defer { admin.close() }
    let topics = Self.partitions.map { NewTopic(prefix + $0.key, partitions: $0.value, properties: ["max.message.bytes": "6000000"]) }
    #expect(try admin.createTopics(topics).isEmpty)
    defer { _ = try? admin.deleteTopics(topics.map(\.name)) }
    try body(self)
  }

  static func temporaryFile(_ name: String, _ text: String) throws -> URL { try temporaryFile(name, Data(text.utf8)) }

  static func temporaryFile(_ name: String, _ bytes: Data) throws -> URL {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("millrace-\(UUID().uuidString)-\(name)")
    try bytes.write(to: file)
    return file
  }

  /// The example's configuration on this cluster, with its model's path made absolute.
  func configuration(replacing text: String = "", with other: String = "") throws -> URL {
    var yaml = try String(contentsOf: ChildProcess.root.appendingPathComponent("config/fraud.yaml"), encoding: .utf8)
    let changes = [
      ("path: models/fraud", "path: \(ChildProcess.root.path)/config/models/fraud"),
      ("${KAFKA_BOOTSTRAP_SERVERS:-embedded}", "\(address)\n  session.timeout.ms: 6000\n  fetch.wait.max.ms: 20"),
      ("group: fraud", "group: \(prefix)fraud"), ("topics: [transactions]", "topics: [\(prefix)transactions]"),
      ("topic: predictions", "topic: \(prefix)predictions"), ("topic: transactions.dlq", "topic: \(prefix)transactions.dlq"),
      (text, other),
    ]
    for (old, new) in changes where !old.isEmpty { yaml = yaml.replacingOccurrences(of: old, with: new) }
    return try Self.temporaryFile("fraud.yaml", yaml)
  }

  /// Sends each line as a transaction.
  func produce(_ lines: [String], _ flags: [String] = []) throws { try produce(Data((lines.joined(separator: "\n") + "\n").utf8), flags) }

  func produce(_ lines: Data, _ flags: [String] = []) throws {
    let file = try Self.temporaryFile("events.ndjson", lines)
    defer { try? FileManager.default.removeItem(at: file) }
    // A record at a time over the partitions: by default kcat fills one for 10 ms, which is more than the development broker keeps.
    let spread = ["-X", "topic.partitioner=random", "-X", "sticky.partitioning.linger.ms=0"]
    let sent = try ChildProcess.run(Self.kcat, ["-P", "-b", address, "-t", prefix + "transactions"] + spread + flags, input: file)
    #expect(sent.status == 0, "\(sent.errors)")
  }

  /// One of a topic's records: where its source stood, its headers as kcat prints them, and its value.
  struct Output {
    let source: String
    let headers: String
    let value: String
  }

  func predictions() throws -> [Output] { try outputs("predictions") }
  func deadLetters() throws -> [Output] { try outputs("transactions.dlq") }

  private func outputs(_ topic: String) throws -> [Output] {
    // A separator that no header and no JSON holds.
    let flags = ["-C", "-e", "-q", "-f", "%h\\x1f%s\\x1e", "-X", "fetch.wait.max.ms=50"]
    let read = try ChildProcess.run(Self.kcat, ["-b", address, "-t", prefix + topic] + flags)
    #expect(read.status == 0, "\(read.errors)")
    return read.output.split(separator: "\u{1e}").map { record in
      let parts = record.split(separator: "\u{1f}", maxSplits: 1, omittingEmptySubsequences: false)
      let headers = Dictionary(
        parts[0].split(separator: ",").map { header in
          let pair = header.split(separator: "=", maxSplits: 1)
          return (String(pair[0]), pair.count > 1 ? String(pair[1]) : "")
        }, uniquingKeysWith: { $1 })
      let place = ["topic", "partition", "offset"].compactMap { headers["__dlq.errors.\($0)"] }.joined(separator: "/")
      return Output(source: headers["millrace-source"] ?? place, headers: String(parts[0]), value: parts.count > 1 ? String(parts[1]) : "")
    }
  }

  /// Runs a configuration until it is drained, and returns its report.
  func drained(_ config: URL) throws -> [String: Any] {
    let run = try ChildProcess.run(ChildProcess.millrace, ["run", config.path, "--until-drained", "--report", "json"])
    #expect(run.status == 0, "\(run.errors.suffix(2000))")
    let report = run.output.split(separator: "\n").last.map { Data($0.utf8) } ?? Data()
    return try #require(JSONSerialization.jsonObject(with: report) as? [String: Any])
  }
}
