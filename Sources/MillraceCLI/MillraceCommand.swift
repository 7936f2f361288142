import ArgumentParser

@main
struct MillraceCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "millrace", abstract: "Scores Kafka streams with ONNX models: urgent events at once, the rest in micro-batches.",
    discussion: "Exit codes: 0 well, 1 a test failed, 64 usage, 78 configuration, 70 a fault at run time.",
    subcommands: [
      RunCommand.self, ReplayCommand.self, RedriveCommand.self, CheckCommand.self, DryRunCommand.self, TestCommand.self, DemoCommand.self,
      BenchCommand.self, EvalCommand.self, BrokerCommand.self, SchemaCommand.self,
    ])
}
