import ArgumentParser
import Millrace
import MillraceOperations

struct SchemaCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schema", abstract: "Print the JSON Schema of the configuration file, for editors.")

  @Flag(help: "Print the reference page instead.") var markdown = false
  @Flag(help: "Print the reference page of the metrics instead.") var metrics = false

  func run() {
    if metrics { return print(MetricCatalogue.markdown(), terminator: "") }
    print(markdown ? ConfigurationSchema.markdown() : ConfigurationSchema.json(), terminator: "")
  }
}
