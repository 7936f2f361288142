import ModelRuntime
import Testing

@testable import Millrace

/// Breakers and fallbacks in the file, and against the models.
@Suite struct ConfigurationFallbackTests {
  private static func lane(_ text: String, models: String = "") -> String {
    """
    lanes: {bulk: {model: fraud, \(text)}}
    models: {fraud: {path: f, inputs: [{name: input, features: [event.amount]}], outputs: {score: scores, flag: "flags[0]"}}\(models)}
    """
  }

  @Test func whatAnOpenCircuitMeansDependsOnTheFallback() throws {
    for (text, policy) in [
      ("nice: 0", .pause), ("fallback: {outputs: {score: 1, flag: 0}}", .fallback), ("breaker: {on_open: dead_letter}", .deadLetter),
      ("breaker: {on_open: pause}, fallback: {outputs: {score: 1, flag: 0}}", .pause),
    ] as [(String, Configuration.Breaker.Policy)] {
      #expect(try ConfigurationFixture.configuration(Self.lane(text)).lanes[0].whenOpen == policy, "\(text)")
    }
  }

  @Test(arguments: [
    ConfigurationFault(
      "breaker: {on_open: fallback}",
      "1:49: 'on_open' in lanes.bulk.breaker is fallback, and the lane has no fallback | "
        + "add one, for example fallback: {outputs: {score: 0.5}}"
    ),
    ConfigurationFault(
      "on_deadline: fallback",
      "1:43: 'on_deadline' in lanes.bulk is fallback, and the lane has no fallback | add one, for example fallback: {outputs: {score: 0.5}}"
    ),
    ConfigurationFault(
      "breaker: {open: 5s}", "1:40: unknown key 'open' in lanes.bulk.breaker | keys: failure_threshold, open_for, on_open"),
    ConfigurationFault(
      "breaker: {failure_threshold: 0}", "1:59: 'failure_threshold' in lanes.bulk.breaker is out of range: 0 | allowed: 1 to 1000"),
    ConfigurationFault(
      "fallback: {}", "1:30: lanes.bulk.fallback names neither a model nor outputs | write {model: NAME} or {outputs: {NAME: VALUE}}"),
    ConfigurationFault(
      "fallback: {model: fruad}", "1:48: unknown model 'fruad' in lanes.bulk.fallback | did you mean 'fraud'?"),
    ConfigurationFault(
      "fallback: {model: fraud}",
      "1:48: the model in lanes.bulk.fallback is the lane's own: fraud | name another, or use fixed outputs"),
    ConfigurationFault(
      "fallback: {outputs: {scroe: 1, flag: 0, score: 1}}",
      "1:51: unknown output 'scroe' in lanes.bulk.fallback.outputs | did you mean 'score'?"),
    ConfigurationFault(
      "fallback: {outputs: {score: 1}}",
      "1:30: missing output 'flag' in lanes.bulk.fallback.outputs | give it a value: the lane's model fraud has it"),
    ConfigurationFault(
      "fallback: {outputs: {score: {a: 1}, flag: 1}}",
      "1:58: 'score' in lanes.bulk.fallback.outputs must be a value or a list, not a mapping | write NAME: VALUE, for example score: 0.5"),
  ])
  func faults(_ fault: ConfigurationFault) {
    #expect(ConfigurationFixture.faults(Self.lane(fault.text)).first == fault.expected)
  }

  @Test func aFallbackModelIsFedWhatTheLanesModelIs() {
    #expect(
      ConfigurationFixture.faults(
        Self.lane(
          "fallback: {model: rules}",
          models: ", rules: {path: r, inputs: [{name: input, features: [event.total]}], outputs: {score: s, flags: f}}"))
        == [
          "1:48: the model in lanes.bulk.fallback has other inputs than the lane's: input(event.total) instead of input(event.amount) | "
            + "give both the same inputs and features, in the same order: the fallback is fed what the lane's model is",
          "1:48: the model in lanes.bulk.fallback has no output 'flag', which the lane's predictions have | did you mean 'flags'?",
        ])
  }

  @Test func theSummarySaysWhatHappensWithoutTheModel() throws {
    let lines = try ConfigurationFixture.configuration(Self.lane("fallback: {outputs: {score: [0.5, 1], flag: true}}")).summary()
    #expect(lines.contains("  bulk while its model fails: fallback; fallback: score = [0.5,1], flag = true"), "\(lines)")
  }

  @Test(arguments: [
    ("{total: 1, pair: [1, 2]}", ""),
    ("{total: 1.5, pair: [1, 2]}", "'total' in lanes.bulk.fallback.outputs must be an integer, not 1.5"),
    ("{total: [1], pair: [1, 2]}", "'total' in lanes.bulk.fallback.outputs must be an integer, not [1]"),
    ("{total: 1, pair: 7}", "'pair' in lanes.bulk.fallback.outputs must be a list of 2, each a number, not 7"),
    ("{total: 1, pair: [1, x]}", #"'pair' in lanes.bulk.fallback.outputs must be a list of 2, each a number, not [1,"x"]"#),
    ("{total: 1, pair: [1]}", "'pair' in lanes.bulk.fallback.outputs must be a list of 2, each a number, not [1]"),
  ])
  func fixedOutputsAreWhatTheModelsOutputsCanBe(outputs: String, expected: String) throws {
    #expect(try faults("{outputs: \(outputs)}", [:]) == (expected.isEmpty ? [] : [expected]))
  }

  @Test func aFallbackModelOfAnotherShapeIsNamedWithBothShapes() throws {
    let narrow = ShapedModel(name: "spare", inputs: [TensorSpec(name: "input", elementType: .float64, shape: [nil, 1])])
    #expect(
      try faults("{model: spare}", ["spare": narrow])
        == ["the model in lanes.bulk.fallback takes (input: float64[N, 1]), and the lane's model (input: float32[N, 1])"])
    #expect(try faults("{model: spare}", ["spare": ShapedModel(name: "spare")]).isEmpty)
  }

  private func faults(_ fallback: String, _ models: [String: any Model]) throws -> [String] {
    let model = #"inputs: [{name: input, features: [event.a]}], outputs: {total: "n[0]", pair: pair}"#
    let configuration = try ConfigurationFixture.configuration(
      """
      lanes: {bulk: {model: own, fallback: \(fallback)}}
      models: {own: {path: o, \(model)}, spare: {path: s, \(model)}}
      """)
    do {
      _ = try LaneCompiler(configuration, models: models.merging(["own": ShapedModel(name: "own")]) { $1 }).lanes()
      return []
    } catch {
      return error.diagnostics.map(\.message)
    }
  }
}

/// A model that has a shape and no more.
private final class ShapedModel: Model, ModelSession {
  let name: String
  let version = "1"
  let signature: ModelSignature

  init(name: String, inputs: [TensorSpec] = [TensorSpec(name: "input", elementType: .float32, shape: [nil, 1])]) {
    self.name = name
    signature = ModelSignature(
      inputs: inputs,
      outputs: [
        TensorSpec(name: "n", elementType: .int64, shape: [nil, 1]), TensorSpec(name: "pair", elementType: .float32, shape: [nil, 2]),
      ])
  }

  func makeSession(inputs: InputTensors, outputs: [Int]) throws(ModelError) -> any ModelSession { self }
  func run(rows: Range<Int>) throws(ModelError) { throw ModelError(.run(transient: false), "it never runs") }
  func output(_ index: Int) -> OutputTensor { fatalError("it never runs") }
}
