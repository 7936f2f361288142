import Testing

@testable import ModelRuntime

@Suite struct SignatureFitTests {
  let signature = ModelSignature(
    inputs: [
      TensorSpec(name: "input", elementType: .float32, shape: [nil, 3], dimensionNames: ["batch", ""]),
      TensorSpec(name: "country", elementType: .string, shape: [nil, 1]),
      TensorSpec(name: "open", elementType: .int64, shape: [nil, nil], dimensionNames: ["batch", "features"]),
    ], outputs: [])

  let input = ConfiguredInput(name: "input", features: [nil, .number, .bool])
  let country = ConfiguredInput(name: "country", features: [.string])
  let open = ConfiguredInput(name: "open", features: [nil, nil, nil, nil])

  @Test func inputsThatFitComeBackInTheModelsOrderWithKnownWidths() throws {
    guard case .fits(let specs) = signature.fit([open, country, input]) else {
      Issue.record("does not fit")
      return
    }
    #expect(specs.map(\.name) == ["input", "country", "open"])
    #expect(specs.map(\.width) == [3, 1, 4])
  }

  private func mismatches(_ configured: [ConfiguredInput]) -> [SignatureMismatch] {
    guard case .mismatches(let mismatches) = signature.fit(configured) else { return [] }
    return mismatches
  }

  @Test func anotherNumberOfFeaturesIsReportedWithBothShapes() {
    let found = mismatches([ConfiguredInput(name: "input", features: [nil, nil]), country, open])
    #expect(found.map(\.input) == [0])
    #expect(
      found.first?.message
        == "the model's input 'input' is float32[batch, 3], but the configuration gives float32[N, 2]: "
        + "2 features where it takes 3 features")
  }

  @Test func unknownMissingAndRepeatedInputsAreAllReportedAtOnce() {
    let found = mismatches([ConfiguredInput(name: "inptu", features: [nil]), country, country])
    #expect(found.contains { $0.input == 0 && $0.message.contains("no input 'inptu'; it has 'input', 'country', 'open'") })
    #expect(found.contains { $0.input == 2 && $0.message.contains("configured twice") })
    #expect(found.contains { $0.input == nil && $0.message.contains("input: float32[batch, 3] is not configured") })
    #expect(found.contains { $0.input == nil && $0.message.contains("open: int64[batch, features] is not configured") })
    #expect(found.count == 4)
  }

  @Test func textForANumberAndANumberForTextAreReportedByFeature() {
    let found = mismatches([
      ConfiguredInput(name: "input", features: [.number, .string, .number]), ConfiguredInput(name: "country", features: [.bool]),
      open,
    ])
    #expect(found.map(\.input) == [0, 1])
    #expect(found.map(\.feature) == [1, 0])
    #expect(found[0].message.contains("feature 2 of input 'input' is a string"))
    #expect(found[1].message.contains("string[N, 1]"))
  }
}

@Suite struct TensorSpecTests {
  private func spec(_ shape: [Int?]) -> TensorSpec { TensorSpec(name: "x", elementType: .float32, shape: shape) }

  @Test func aRowsWidthIsTheProductOfTheOtherDimensions() {
    #expect(spec([nil]).width == 1)
    #expect(spec([nil, 1]).width == 1)
    #expect(spec([1, 3, 4]).width == 12)
    #expect(spec([nil, nil]).width == nil)
    #expect(spec([nil, .max, 2]).width == nil)
  }

  @Test func oneOpenDimensionIsFilledInIfItDivides() {
    #expect(spec([nil, nil, 4]).withWidth(12)?.shape == [nil, 3, 4])
    #expect(spec([nil, nil, 4]).withWidth(10) == nil)
    #expect(spec([nil, nil, nil]).withWidth(4) == nil)
    #expect(spec([nil, 3]).withWidth(3) == spec([nil, 3]))
    #expect(spec([nil, 3]).withWidth(4) == nil)
    #expect(spec([nil, nil]).withWidth(0) == nil)
    #expect(spec([nil, 0, nil]).withWidth(4) == nil)
  }
}
