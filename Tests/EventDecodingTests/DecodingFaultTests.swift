import Testing

@testable import CEL
@testable import EventDecoding

/// What is shown of a fault says what was expected, and nothing of the payload.
@Suite struct DecodingFaultTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let feature: String
    let type: FeatureType
    let vector: FeatureVector?
    let payload: String
    let full: String
    let shown: String

    init(
      _ feature: String, type: FeatureType = .float32, vector: FeatureVector? = nil, _ payload: String, _ full: String, _ shown: String
    ) {
      (self.feature, self.type, self.vector, self.payload, self.full, self.shown) = (feature, type, vector, payload, full, shown)
    }

    var testDescription: String { "\(feature) of \(payload)" }
  }

  @Test(arguments: [
    Case("event.hour", "{}", "feature event.hour is missing", "feature event.hour is missing"),
    Case(
      "event.hour", #"{"hour":"planted"}"#, #"feature event.hour: expected a number, found the string "planted""#,
      "feature event.hour: expected a number, found the string"),
    Case(
      "event.hour", #"{"hour":"planted\"\nfound: the planted"}"#,
      #"feature event.hour: expected a number, found the string "planted\"\nfound: the planted""#,
      "feature event.hour: expected a number, found the string"),
    Case(
      "event.a", #"{"a":["planted"]}"#, "feature event.a: expected a number, found an array",
      "feature event.a: expected a number, found an array"),
    Case(
      "event.a", #"{"a":1,"b":       planted}"#, "the payload is not valid JSON: byte 18: expected a value, found planted",
      "the payload is not valid JSON: byte 18: expected a value, found something else"),
    Case(
      "event.a", type: .int32, #"{"a":47110000000}"#, "feature event.a: the number 47110000000 does not fit int32 (-2147483648…2147483647)",
      "feature event.a: the value does not fit int32 (-2147483648…2147483647)"),
    Case(
      "event.a", type: .int64, #"{"a":4711.5}"#, "feature event.a: expected an integer, found the number 4711.5",
      "feature event.a: expected an integer, found the number"),
    Case(
      "event.a", type: .string, #"{"a":4711}"#, "feature event.a: expected a string, found the number 4711",
      "feature event.a: expected a string, found the number"),
    Case(
      "event.a", type: .string, #"{"a":true}"#, "feature event.a: expected a string, found true",
      "feature event.a: expected a string, found a bool"),
    Case(
      "int(event.a)", #"{"a":"planted \"found\" it"}"#,
      #"feature int(event.a) has no value: column 1: "planted \"found\" it" can't be read as int"#,
      #"feature int(event.a) has no value: column 1: "…" can't be read as int"#),
    Case(
      #"headers["priority"]"#, "{}", #"feature headers["priority"] has no value: column 8: no such key: headers["priority"]"#,
      #"feature headers["priority"] has no value: column 8: no such key: headers["priority"]"#),
    Case(
      "headers[event.a]", #"{"a":"planted"}"#, #"feature headers[event.a] has no value: column 8: no such key: headers["planted"]"#,
      "feature headers[event.a] has no value: column 8: no such key: headers[…]"),
    Case(
      "{'x': 1}[event.a]", #"{"a":"planted"}"#, #"feature {'x': 1}[event.a] has no value: column 9: no such key: "planted""#,
      "feature {'x': 1}[event.a] has no value: column 9: no such key: …"),
    Case(
      "event.a", vector: FeatureVector(length: 2), #"{"a":[1,"planted"]}"#,
      "feature event.a: expected 2 numbers, found a string at index 1", "feature event.a: expected 2 numbers, found a string at index 1"),
    Case(
      "event.a", vector: FeatureVector(length: 2), "{\"a\":[1,2,3]}", "feature event.a: expected 2 numbers, found 3",
      "feature event.a: expected 2 numbers, found 3"),
    Case(
      "event.a", type: .int32, vector: FeatureVector(length: 2), "{\"a\":[1,47110000000]}",
      "feature event.a: the number at index 1 does not fit int32 (-2147483648…2147483647)",
      "feature event.a: the number at index 1 does not fit int32 (-2147483648…2147483647)"),
    Case(
      "event.a", vector: FeatureVector(length: 2, encoding: .csv), #"{"a":"1,planted"}"#,
      #"feature event.a: expected numbers with commas between, found something else at index 1 of "1,planted""#,
      "feature event.a: expected numbers with commas between, found something else at index 1"),
    Case(
      "event.a", vector: FeatureVector(length: 2, encoding: .base64), #"{"a":"planted!"}"#,
      #"feature event.a: expected base64, found "planted!""#, "feature event.a: expected base64, found something else"),
    Case(
      "event.a", vector: FeatureVector(length: 2, encoding: .base64), #"{"a":"AAAA"}"#,
      "feature event.a: expected 2 float32 values in 8 bytes, found 3 bytes",
      "feature event.a: expected 2 float32 values in 8 bytes, found 3 bytes"),
  ])
  func valuesOfThePayloadAreLeftOut(_ row: Case) throws {
    let rig = try DecoderRig(features: [DecoderRig.Feature(row.feature, row.type, vector: row.vector)])
    _ = rig.decode(row.payload)
    let fault = try #require(rig.fault)
    #expect(fault.description == row.full)
    #expect(fault.shown == row.shown)
    #expect(!fault.brief.contains("planted") && !fault.brief.contains("4711"))
  }

  @Test func aFaultSaysWhatWasExpectedAndWhatWasFoundInTypes() throws {
    let rig = try DecoderRig(features: [DecoderRig.Feature("event.a", .int32)])
    _ = rig.decode(#"{"a":"x"}"#)
    #expect(rig.fault?.place == .feature(name: "event.a", source: "event.a"))
    #expect(rig.fault?.expected == .value(.int32) && rig.fault?.found == .string("x"))
    _ = rig.decode(#"{"a":5000000000}"#)
    #expect(rig.fault?.expected == .range(.int32) && rig.fault?.found == .int(5_000_000_000))
    _ = rig.decode("{\"a\":x}")
    #expect(rig.fault?.place == .payload && rig.fault?.offset == 5 && rig.fault?.stage == .json)
    _ = rig.decode(nil as String?)
    #expect(rig.fault?.stage == .payload && rig.fault?.expected == nil)
  }

  @Test func anIdSaysHowItIsMissing() throws {
    let rig = try DecoderRig(features: [], id: "event.id")
    _ = rig.decode("{\"id\":null}")
    #expect(rig.fault?.description == "the id event.id is missing or null" && rig.fault?.brief == "the id event.id has no value")
    #expect(rig.fault?.place == .member(source: "event.id", isID: true))
  }
}
