import ArgumentParser
import Foundation
import Millrace

struct BrokerCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "broker", abstract: "Run the embedded development broker until it is interrupted.",
    discussion: """
      The first line of standard output is the address to use as bootstrap.servers. It holds the last 5 MiB or 100,000 \
      records of each partition, in memory only: for development, not for production.
      """)

  @Option(name: .customLong("topic"), help: ArgumentHelp("A topic to create.", valueName: "name:partitions"))
  var topics: [TopicArgument] = []

  func run() async throws {
    try await reportingFaults {
      let broker = try EmbeddedBroker()
      defer { broker.close() }
      for topic in topics { try broker.createTopic(topic.name, partitions: topic.partitions) }
      print(broker.bootstrapServers)
      fflush(nil)
      await Interruption.wait()
    }
  }
}

/// An argument that names a topic to create: `NAME:PARTITIONS`, or `NAME` for one partition.
struct TopicArgument: ExpressibleByArgument {
  let name: String
  let partitions: Int

  init?(argument: String) {
    let parts = argument.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count <= 2, let name = parts.first, !name.isEmpty else { return nil }
    let count = parts.count == 2 ? Int(parts[1]) : 1
    guard let count, (1...10_000).contains(count) else { return nil }
    self.name = String(name)
    partitions = count
  }
}
