import Foundation
import Testing

@testable import Millrace

/// Features that fill several columns, and payloads that are the columns.
@Suite struct VectorLaneTests {
  @Test(arguments: [("array", "[1.5,2,-3]"), ("csv", #""1.5,2,-3""#), ("base64", #""AADAPwAAAEAAAEDA""#)])
  func aVectorFillsAllColumnsOfItsInput(_ encoding: String, _ pixels: String) throws {
    let trial = try TrialFixture.trial(TrialFixture.matrix("{vector: event.pixels, length: 3, encoding: \(encoding)}"))
    let outcome = try #require(trial.run(#"{"pixels":\#(pixels)}"#))
    #expect(outcome.featureTexts == "event.pixels=[1.5,2,-3]")
    #expect(outcome.memberTexts["sum"] == "0.5")
    #expect(outcome.memberTexts["twice"] == "[3,4,-6]")
  }

  @Test func aVectorStandsBesideSingleFeatures() throws {
    let trial = try TrialFixture.trial(TrialFixture.matrix("{vector: event.v, length: 2}, event.a"))
    #expect(trial.run(#"{"a":9,"v":[1,2]}"#)?.memberTexts["twice"] == "[2,4,18]")
    let behind = try TrialFixture.trial(TrialFixture.matrix("event.a, {vector: event.v, length: 2}"))
    #expect(behind.run(#"{"a":9,"v":[1,2]}"#)?.memberTexts["twice"] == "[18,2,4]")
  }

  @Test(arguments: [
    (#"{"v":[1,2]}"#, "expected 3 numbers, found 2"), (#"{"v":[1,2,"3"]}"#, "found a string at index 2"),
    (#"{"v":7}"#, "expected an array"), ("{}", "is missing"),
  ])
  func aVectorThatDoesNotFitIsADeadLetter(_ event: String, _ message: String) throws {
    let trial = try TrialFixture.trial(TrialFixture.matrix("{vector: event.v, length: 3}"))
    let fault = try #require(trial.run(event)?.fault)
    #expect(fault.stage == .decode)
    #expect(fault.message.contains(message), "\(fault.message)")
  }

  @Test func aModelOfOpenWidthIsAsWideAsItsFeatures() throws {
    let trial = try TrialFixture.trial(
      """
      models:
        fraud:
          path: \(TrialFixture.path("open_width"))
          inputs: [{name: input, features: [{vector: event.v, length: 784}]}]
          outputs: {sum: sum}
      """)
    let values = (0..<784).map { "\($0)" }.joined(separator: ",")
    #expect(trial.run("{\"v\":[\(values)]}")?.memberTexts["sum"] == "306936")
  }

  @Test func aVectorOfTheWrongLengthIsAFaultOfTheConfiguration() throws {
    let faults = try TrialFixture.faults(TrialFixture.matrix("{vector: event.v, length: 4}"))
    #expect(faults.count == 1)
    #expect(faults.first?.contains("4 features where it takes 3") == true, "\(faults)")
  }

  @Test func whatDoesNotFitItsTensorIsFoundAtItsLine() throws {
    let faults = try TrialFixture.faults(
      """
      models:
        fraud:
          path: \(TrialFixture.path("columns"))
          inputs:
            - {name: amount, features: [event.a]}
            - {name: ratio, features: [event.a]}
            - name: count
              features: [{feature: event.n, missing: 0.5}]
            - {name: code, features: [event.a]}
            - {name: flag, features: [event.a]}
            - {name: country, features: [event.a]}
          outputs: {total: total}
      """)
    #expect(faults.count == 1)
    #expect(faults.first?.hasPrefix("8:30: feature 'event.n'") == true, "\(faults)")
  }

  // MARK: The format tensor

  private static let tensor = """
    event: {format: tensor, id: 'headers["id"]'}
    models: {fraud: {path: \(TrialFixture.path("matrix")), outputs: {sum: sum, twice: doubled}}}
    """

  @Test(arguments: [tensor, tensor.replacing(", outputs", with: ", inputs: [{name: input}], outputs")])
  func aTensorPayloadIsTheRowOfTheOnlyInput(_ text: String) throws {
    let payload = TrialRecord.payload(Array("[1.5, 2, -3]".utf8), format: .tensor)
    #expect(payload == [0, 0, 0xC0, 0x3F, 0, 0, 0, 0x40, 0, 0, 0x40, 0xC0])
    let record = TrialRecord(payload: payload, headers: [("id", "x-1")])
    let outcome = try #require(try TrialFixture.trial(text).run(record))
    #expect(outcome.featureTexts == "input=[1.5,2,-3]")
    #expect(outcome.memberTexts["sum"] == "0.5" && outcome.id == #""x-1""#)
  }

  @Test func aTensorPayloadOfAnotherLengthIsADeadLetter() throws {
    let trial = try TrialFixture.trial(Self.tensor)
    for (payload, found) in [([UInt8](repeating: 0, count: 8), "found 8 bytes"), ([], "found 0 bytes")] {
      let fault = trial.run(TrialRecord(payload: payload, headers: [("id", "x")]))?.fault
      #expect(fault?.message.contains(found) == true, "\(fault?.message ?? "no fault")")
    }
  }

  @Test(arguments: [
    ("open_width", "sum: sum", "the width of the model's input"), ("columns", "total: total", "fills a model's only input"),
    ("gather", "found: found", "float32 values don't fit"),
  ])
  func aModelThatATensorCannotFillIsAFault(_ model: String, _ output: String, _ message: String) throws {
    let faults = try TrialFixture.faults(
      "event: {format: tensor}\nmodels: {fraud: {path: \(TrialFixture.path(model)), outputs: {\(output)}}}")
    #expect(faults.count == 1)
    #expect(faults.first?.contains(message) == true, "\(faults)")
  }
}
