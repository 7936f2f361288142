import ArgumentParser

@main
struct MillraceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "millrace", abstract: "Scores Kafka streams with ONNX models.")
}
