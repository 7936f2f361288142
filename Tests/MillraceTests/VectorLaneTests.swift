import EventDecoding
import Foundation
import Testing

@testable import Millrace

/// Features that fill several columns, and payloads that are the columns.
@Suite struct VectorLaneTests {
  @Test(arguments: [("array", "[1.5,2,-3]"), ("csv", #""1.5,2,-3""#), ("base64", #""AADAPwAAAEAAAEDA""#)])
  func aVectorFillsAllColumnsOfItsInput(_ encoding: String, _ pixels: String) throws {
    let dryRun = try DryRunFixture.dryRun(DryRunFixture.matrix("{vector: event.pixels, length: 3, encoding: \(encoding)}"))
    let outcome = try #require(dryRun.run(#"{"pixels":\#(pixels)}"#))
    #expect(outcome.featureTexts == "event.pixels=[1.5,2,-3]")
    #expect(outcome.memberTexts["sum"] == "0.5")
    #expect(outcome.memberTexts["twice"] == "[3,4,-6]")
  }

  @Test func aVectorStandsBesideSingleFeatures() throws {
    let dryRun = try DryRunFixture.dryRun(DryRunFixture.matrix("{vector: event.v, length: 2}, event.a"))
    #expect(dryRun.run(#"{"a":9,"v":[1,2]}"#)?.memberTexts["twice"] == "[2,4,18]")
    let behind = try DryRunFixture.dryRun(DryRunFixture.matrix("event.a, {vector: event.v, length: 2}"))
    #expect(behind.run(#"{"a":9,"v":[1,2]}"#)?.memberTexts["twice"] == "[18,2,4]")
  }

  @Test(arguments: [
    (#"{"v":[1,2]}"#, "expected 3 numbers, found 2"), (#"{"v":[1,2,"3"]}"#, "found a string at index 2"),
    (#"{"v":7}"#, "expected an array"), ("{}", "is missing"),
  ])
  func aVectorThatDoesNotFitIsADeadLetter(_ event: String, _ message: String) throws {
    let dryRun = try DryRunFixture.dryRun(DryRunFixture.matrix("{vector: event.v, length: 3}"))
    let fault = try #require(dryRun.run(event)?.fault)
    #expect(fault.stage == .decode)
    #expect(fault.message.contains(message), "\(fault.message)")
  }

  @Test func aModelOfOpenWidthIsAsWideAsItsFeatures() throws {
    let dryRun = try DryRunFixture.dryRun(
      """
      models:
        fraud:
          path: \(DryRunFixture.path("open_width"))
          inputs: [{name: input, features: [{vector: event.v, length: 784}]}]
          outputs: {sum: sum}
      """)
    let values = (0..<784).map { "\($0)" }.joined(separator: ",")
    #expect(dryRun.run("{\"v\":[\(values)]}")?.memberTexts["sum"] == "306936")
  }

  @Test func aVectorOfTheWrongLengthIsAFaultOfTheConfiguration() throws {
    let faults = try DryRunFixture.faults(DryRunFixture.matrix("{vector: event.v, length: 4}"))
    #expect(faults.count == 1)
    #expect(faults.first?.contains("4 features where it takes 3") == true, "\(faults)")
  }

  @Test func whatDoesNotFitItsTensorIsFoundAtItsLine() throws {
    let faults = try DryRunFixture.faults(
      """
      models:
        fraud:
          path: \(DryRunFixture.path("columns"))
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
    models: {fraud: {path: \(DryRunFixture.path("matrix")), outputs: {sum: sum, twice: doubled}}}
    """

  @Test(arguments: [tensor, tensor.replacing(", outputs", with: ", inputs: [{name: input}], outputs")])
  func aTensorPayloadIsTheRowOfTheOnlyInput(_ text: String) throws {
    let payload = DryRunRecord.payload(Array("[1.5, 2, -3]".utf8), format: .tensor)
    #expect(payload == [0, 0, 0xC0, 0x3F, 0, 0, 0, 0x40, 0, 0, 0x40, 0xC0])
    let record = DryRunRecord(payload: payload, headers: [("id", "x-1")])
    let outcome = try #require(try DryRunFixture.dryRun(text).run(record))
    #expect(outcome.featureTexts == "input=[1.5,2,-3]")
    #expect(outcome.memberTexts["sum"] == "0.5" && outcome.id == #""x-1""#)
  }

  @Test func aTensorPayloadOfAnotherLengthIsADeadLetter() throws {
    let dryRun = try DryRunFixture.dryRun(Self.tensor)
    for (payload, found) in [([UInt8](repeating: 0, count: 8), "found 8 bytes"), ([], "found 0 bytes")] {
      let fault = dryRun.run(DryRunRecord(payload: payload, headers: [("id", "x")]))?.fault
      #expect(fault?.message.contains(found) == true, "\(fault?.message ?? "no fault")")
    }
  }

  @Test(arguments: [
    ("open_width", "sum: sum", "the width of the model's input"), ("columns", "total: total", "fills a model's only input"),
    ("gather", "found: found", "float32 values don't fit"),
  ])
  func aModelThatATensorCannotFillIsAFault(_ model: String, _ output: String, _ message: String) throws {
    let faults = try DryRunFixture.faults(
      "event: {format: tensor}\nmodels: {fraud: {path: \(DryRunFixture.path(model)), outputs: {\(output)}}}")
    #expect(faults.count == 1)
    #expect(faults.first?.contains(message) == true, "\(faults)")
  }
}
