import ArgumentParser

@main
enum Entrance {
  static func main() async {
    let commands = MillraceCommand.configuration.subcommands
    let names = commands.map { $0.configuration.commandName ?? "" } + ["help"]
    // ArgumentParser takes a mistyped command for an argument too many.
    if let word = CommandLine.arguments.dropFirst().first, !word.hasPrefix("-"), !names.contains(word) {
      printError("error: there is no command '\(word)'; commands: \(names.joined(separator: ", "))")
      Interruption.leave(.validationFailure)
    }
    await MillraceCommand.main(nil)
  }
}

struct MillraceCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "millrace", abstract: "Scores Kafka streams with ONNX models: urgent events at once, the rest in micro-batches.",
    discussion: "Exit codes: 0 well, 1 a test failed, 64 usage, 78 configuration, 70 a fault at run time.",
    subcommands: [
      RunCommand.self, ReplayCommand.self, RedriveCommand.self, CheckCommand.self, DryRunCommand.self, TestCommand.self, DemoCommand.self,
      BenchmarkCommand.self, EvalCommand.self, BrokerCommand.self, SchemaCommand.self,
    ])
}
