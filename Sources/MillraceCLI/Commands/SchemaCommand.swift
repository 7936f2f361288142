import ArgumentParser
import Millrace
import MillraceOperations

struct SchemaCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schema", abstract: "Print the JSON Schema of the configuration file, for editors.")

  @Flag(help: "Print the reference page instead.") var markdown = false
  @Flag(help: "Print the reference page of the metrics instead.") var metrics = false
  @Flag(help: ArgumentHelp("Print the reference page of the commands instead.", visibility: .hidden)) var cli = false

  func run() throws {
    if metrics { return print(MetricCatalogue.markdown(), terminator: "") }
    print(
      cli ? try CommandReference.markdown() : markdown ? ConfigurationSchema.markdown() : ConfigurationSchema.json(), terminator: "")
  }
}
