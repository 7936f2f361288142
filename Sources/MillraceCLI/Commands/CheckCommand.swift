import ArgumentParser
import Logging
import Millrace
import MillraceOperations
import ModelRuntime

struct CheckCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Read a configuration and its models, and print what would run, or every fault; warn of what may mean something else.")

  @Argument(help: "The configuration file.") var config: String
  @Flag(help: "Also ask the Kafka cluster whether it answers and has the topics.") var connect = false

  func run() async throws {
    try await reportingFaults {
      let configuration = try Configuration.load(config)
      LogStream(configuration.logging).bootstrap()
      let lanes = try LaneCompiler(configuration).lanes()
      try configuration.checkClients(of: lanes)
      for warning in configuration.warnings() { printError("\(warning)") }
      for line in configuration.summary() { print(line) }
      for lane in lanes.sorted(by: { $0.name < $1.name }) {
        print("model of lane \(lane.name): \(lane.model.name) version \(lane.model.version) \(lane.model.signature)")
        if let trees = (lane.model as? ONNXModel)?.trees, trees != .none { print("  its trees: \(trees)") }
        for (place, probe) in lane.rowProbes.enumerated() {
          print(place == 0 ? "  its rows: \(probe.outcome)" : "  the rows of its fallback, \(probe.model): \(probe.outcome)")
        }
      }
      guard connect else { return }
      if configuration.usesEmbeddedBroker {
        print("bootstrap.servers is embedded: there is no cluster to ask")
      } else {
        try Pipeline(lanes, log: Logger(label: "millrace")).checkCluster()
        print("the cluster answers, and has every topic that is read or written")
      }
    }
  }
}
