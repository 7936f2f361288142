import Foundation
import ModelRuntime
import Testing

@testable import Millrace

@Suite struct ModelSettingsTests {
  @Test(arguments: [("", TreeCompilation.Outcome.compiled(trees: 6)), ("trees: onnxruntime, ", .none)])
  func treesAreCompiledUnlessTheFileLeavesThemToONNXRuntime(key: String, outcome: TreeCompilation.Outcome) throws {
    let configuration = try Configuration.parse(
      """
      group: g
      topics: [t]
      kafka: {bootstrap.servers: embedded}
      event: {format: json}
      lanes: {only: {model: forest}}
      models:
        forest:
          {path: ../ModelRuntimeTests/Models/trees_forest.onnx, \(key)inputs: [{name: X, features: [{vector: event.x, length: 6}]}],
           outputs: {score: "probabilities[1]"}}
      publish: {topic: p}
      dead_letter: {topic: d}
      """, file: URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("forest.yaml").path)
    let model = try #require(try LaneCompiler(configuration).lanes().first?.model as? ONNXModel)
    #expect(model.trees == outcome)
  }
}
