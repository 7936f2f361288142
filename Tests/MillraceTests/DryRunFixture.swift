import Foundation
import Millrace

/// Configurations over the small models of the model runtime's tests, and what dry runs of them come to.
enum DryRunFixture {
  private static let models = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("ModelRuntimeTests/Models").path

  /// A model over `matrix.onnx`: three columns; `sum` of a row, and `doubled`.
  static func matrix(_ features: String) -> String {
    "models: {fraud: {path: \(path("matrix")), inputs: [{name: input, features: [\(features)]}], outputs: {sum: sum, twice: doubled}}}"
  }

  static let routes = """
    routes: [{lane: urgent, when: 'event.a > 10'}, {lane: bulk}]
    lanes: {urgent: {model: fraud}, bulk: {model: fraud}}
    """

  static func path(_ model: String) -> String { "\(models)/\(model).onnx" }

  static func dryRun(_ text: String) throws -> DryRun {
    try DryRun(ConfigurationFixture.configuration(text))
  }

  /// The faults that only show with the models at hand.
  static func faults(_ text: String) throws -> [String] {
    let configuration = try ConfigurationFixture.configuration(text)
    do {
      _ = try LaneCompiler(configuration).lanes()
      return []
    } catch {
      return error.diagnostics.map { "\($0.location.line):\($0.location.column): \($0.message)" }
    }
  }
}

extension DryRun {
  func run(_ event: String, headers: [(name: String, value: String)] = []) -> DryRunOutcome? {
    run(DryRunRecord(payload: Array(event.utf8), headers: headers))
  }
}

extension DryRunOutcome {
  /// `a=1 b=[2,3]`
  var featureTexts: String { features.map { "\($0.name)=\($0.text)" }.joined(separator: " ") }
}
