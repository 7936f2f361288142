import ArgumentParser
import Millrace

struct SchemaCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schema", abstract: "Print the JSON Schema of the configuration file, for editors.")

  @Flag(help: "Print the reference page instead.") var markdown = false

  func run() {
    print(markdown ? ConfigurationSchema.markdown() : ConfigurationSchema.json(), terminator: "")
  }
}
