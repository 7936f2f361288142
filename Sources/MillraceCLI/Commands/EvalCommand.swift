import ArgumentParser
import EventDecoding

struct EvalCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "eval", abstract: "Evaluate an expression as a route or feature would, and print its value as JSON.")

  @Argument(help: "The expression (CEL).") var expression: String
  @Option(help: "The event, as JSON.") var event: String?
  @Option(name: .customLong("header"), help: ArgumentHelp("A header of the record; may be repeated.", valueName: "name=value"))
  var headers: [HeaderArgument] = []

  func run() async throws {
    do throws(ExpressionEvaluator.Failure) {
      print(try ExpressionEvaluator.json(expression, event: event, headers: headers.map { ($0.name, $0.value) }))
    } catch {
      printError("error: \(error)")
      if let caret = error.caret { printError(caret) }
      throw ExitCode.failure
    }
  }
}

struct HeaderArgument: ExpressibleByArgument {
  let name: String
  let value: String

  init?(argument: String) {
    guard let separator = argument.firstIndex(of: "="), separator > argument.startIndex else { return nil }
    name = String(argument[..<separator])
    value = String(argument[argument.index(after: separator)...])
  }
}
