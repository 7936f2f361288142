import Foundation
import ModelRuntime
import Testing

@testable import Millrace

/// Records must not get each other's predictions: what a model makes of rows together is held against what it makes of each alone,
/// before any record is read.
@Suite struct RowIndependenceTests {
  /// A lane over a model of the model runtime's tests; the outputs stand on line 4.
  private static func text(_ model: String, _ outputs: String, inputs: String = vector(3), lane: String = "") -> String {
    """
    models:
      fraud:
        path: \(DryRunFixture.path(model))
        outputs: {\(outputs)}
        inputs: [\(inputs)]
    lanes: {bulk: {model: fraud\(lane)}}
    """
  }

  private static func vector(_ length: Int, name: String = "input") -> String {
    "{name: \(name), features: [{vector: event.x, length: \(length)}]}"
  }

  @Test(arguments: [
    (
      "rows_labels_first", #"p: "probabilities[1]""#, vector(3, name: "X"),
      "output 'probabilities' came back as float32[2, 1, 2] for 1 row"
    ),
    ("rows_directions_first", "h: hidden", vector(3), "output 'hidden' came back as float32[2, 1, 2] for 1 row"),
    ("rows_one_direction", "h: hidden", vector(3), "output 'hidden' came back as float32[1, 2, 2] for 2 rows"),
    ("rows_second", "t: turned", vector(3), "output 'turned' came back as float32[3, 1] for 1 row"),
    ("no_rows", "t: total", "{name: input, features: [event.x]}", "output 'total' came back as float32[] for 1 row"),
    ("rows_squeezed", "s: score", vector(3), "output 'score' came back as float32[] for 1 row"),
    ("rows_softmax", "s: share", vector(3), "output 'share' of a row depends on the rows beside it"),
    ("rows_centred", "c: centred", vector(3), "output 'centred' of a row depends on the rows beside it"),
    ("rows_sequence", "s: state", vector(3), "output 'state' of a row depends on the rows beside it"),
    ("rows_quantized", "s: score", vector(3), "output 'score' of a row depends on the rows beside it"),
    ("rows_of_two", "s: same", vector(3), "a row alone fails, and 2 rows together don't"),
    ("rows_of_one", "s: score", vector(3), "output 'score' is float32[1, 2]: its first dimension is 1, and does not count the rows"),
  ])
  func aModelThatMixesRecordsIsRefusedAtItsOutput(model: String, outputs: String, inputs: String, fault: String) throws {
    let faults = try DryRunFixture.faults(Self.text(model, outputs, inputs: inputs))
    #expect(faults.count == 1)
    #expect(faults.first?.hasPrefix(fault.hasPrefix("a row") ? "3:" : "4:") == true, "\(faults)")
    #expect(faults.first?.contains(fault) == true, "\(faults)")
  }

  @Test(arguments: [
    // The same models, by outputs that have the rows first.
    ("rows_labels_first", "l: label", vector(3, name: "X")),
    ("rows_directions_first", "h: state", vector(3)),
    // LightGBM's converter declares its labels as [1].
    ("trees_lightgbm_classes", "l: label", vector(6)),
    ("rows_linear", "v: value", vector(64)),
    ("rows_unknown_rank", "s: same", vector(3)),
    ("rows_embedding", "v: vectors", vector(2, name: "ids")),
    ("rows_fixed_labels", #"t: turned, s: total, u: "turned[2]""#, vector(3)),
    // Neither can be tried out, and neither is refused for that.
    ("rows_known_words", "h: hot", "{name: word, features: [event.word]}"),
    ("rows_noisy", "n: noisy", vector(3)),
  ])
  func aModelThatKeepsRecordsApartIsServed(model: String, outputs: String, inputs: String) throws {
    #expect(try DryRunFixture.faults(Self.text(model, outputs, inputs: inputs)).isEmpty)
  }

  @Test func aColumnThatDoesNotComeBackIsSaidBeforeAnyRecordLacksIt() throws {
    #expect(
      try DryRunFixture.faults(Self.text("rows_unknown_rank", #"s: "same[3]""#))
        == ["4:18: output same: float32[] has 3 columns, so index 3 is beyond its last"])
    #expect(try DryRunFixture.faults(Self.text("rows_unknown_rank", #"s: "same[2]""#)).isEmpty)
  }

  @Test(arguments: [("rows_softmax", "s: share"), ("rows_one_direction", "h: hidden"), ("rows_of_one", "s: score")])
  func aModelThatMixesRowsIsServedOneByOne(model: String, outputs: String) throws {
    #expect(try DryRunFixture.faults(Self.text(model, outputs, lane: ", max_batch_size: 1")).isEmpty)
    // One lane that takes more is one too many.
    let more =
      Self.text(model, outputs, lane: ", max_batch_size: 1}, other: {model: fraud, max_batch_size: 2")
      + "\nroutes: [{lane: other, when: 'event.y > 1'}, {lane: bulk}]"
    #expect(try DryRunFixture.faults(more).count == 1)
  }

  @Test func aFallbackMixesNoRecordsEither() throws {
    let models = Self.text("rows_linear", "s: value", inputs: Self.vector(3)).split(separator: "\n").prefix(1)
    let faults = try DryRunFixture.faults(
      """
      \(models[0])
        fraud: {path: \(DryRunFixture.path("rows_unknown_rank")), outputs: {s: same}, inputs: [\(Self.vector(3))]}
        spare: {path: \(DryRunFixture.path("rows_softmax")), outputs: {s: share}, inputs: [\(Self.vector(3))]}
      lanes: {bulk: {model: fraud, fallback: {model: spare}}}
      """)
    #expect(faults.count == 1 && faults.first?.hasPrefix("3:") == true, "\(faults)")
  }

  @Test func aLaneKnowsWhatIsKnownOfItsModelsRows() throws {
    let configuration = try ConfigurationFixture.configuration(
      """
      models:
        fraud: {path: \(DryRunFixture.path("rows_unknown_rank")), outputs: {s: same}, inputs: [\(Self.vector(3))]}
        spare: {path: \(DryRunFixture.path("rows_noisy")), outputs: {s: noisy}, inputs: [\(Self.vector(3))]}
      lanes: {bulk: {model: fraud, fallback: {model: spare}}}
      """)
    let probes = try #require(LaneCompiler(configuration).lanes().first?.rowProbes)
    #expect(probes.map(\.model) == ["fraud", "spare"])
    #expect(
      probes.map(\.outcome) == [.independent(rows: 5), .unknown(reason: "the same rows get another output 'noisy' each time")])
  }
}
