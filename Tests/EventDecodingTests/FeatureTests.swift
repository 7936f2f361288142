import Testing

@testable import CEL
@testable import EventDecoding

@Suite struct FeatureTests {
  typealias Feature = DecoderRig.Feature

  /// What a value at `event.x` becomes in a column.
  private func decoded(_ json: String, _ type: FeatureType, missing: MissingPolicy = .error) throws -> String {
    try DecoderRig(features: [Feature("event.x", type, missing: missing)]).decode("{\"x\":\(json)}").joined()
  }

  @Test(
    arguments: [
      ("1", .float32, "1.0"), ("0.1", .float32, "0.1"), ("true", .float32, "1.0"), ("false", .float64, "0.0"), ("0.1", .float64, "0.1"),
      ("18446744073709551615", .float64, "1.8446744073709552e+19"), ("-5", .int64, "-5"), ("5.0", .int64, "5"),
      ("2147483647", .int32, "2147483647"),
      ("-9223372036854775808", .int64, "-9223372036854775808"), ("true", .int32, "1"), ("true", .bool, "1"), ("0", .bool, "0"),
      ("1.0", .bool, "1"),
      (#""a\u00e9""#, .string, "aé"), (#""""#, .string, ""), ("1e-50", .float32, "0.0"), ("-3.4028234e38", .float32, "-3.4028235e+38"),
    ] as [(String, FeatureType, String)])
  func `a value that fits its column is written`(json: String, type: FeatureType, expected: String) throws {
    #expect(try decoded(json, type) == expected)
  }

  @Test(
    arguments: [
      (#""12""#, .float32, #"expected a number, found the string "12""#), ("[1]", .float64, "expected a number, found an array"),
      ("{}", .int64, "expected an integer, found an object"), ("5.5", .int64, "expected an integer, found the number 5.5"),
      ("1e39", .float32, "the number 1e+39 does not fit float32 (±3.4028235e38)"),
      ("-1e39", .float32, "the number -1e+39 does not fit float32 (±3.4028235e38)"),
      ("2147483648", .int32, "the number 2147483648 does not fit int32 (-2147483648…2147483647)"),
      ("1e10", .int32, "the number 10000000000 does not fit int32 (-2147483648…2147483647)"),
      ("9223372036854775808", .int64, "the number 9223372036854775808 does not fit int64 (-9223372036854775808…9223372036854775807)"),
      ("1e19", .int64, "the number 10000000000000000000 does not fit int64 (-9223372036854775808…9223372036854775807)"),
      ("2", .bool, "expected a bool, found the number 2"), (#""yes""#, .bool, #"expected a bool, found the string "yes""#),
      ("7", .string, "expected a string, found the number 7"), ("true", .string, "expected a string, found true"),
    ] as [(String, FeatureType, String)])
  func `a value that does not fit is a fault that names feature, expected and found`(json: String, type: FeatureType, expected: String)
    throws
  {
    #expect(try decoded(json, type) == "feature: feature event.x: \(expected)")
  }

  @Test func `a long string in a message is cut`() throws {
    let long = String(repeating: "é", count: 100)
    #expect(try decoded("\"\(long)\"", .float32).hasSuffix(#"found the string ""# + String(repeating: "é", count: 20) + "…\""))
  }

  @Test func `what is missing or null follows the feature's policy`() throws {
    #expect(try decoded("null", .float32) == "feature: feature event.x is null")
    #expect(try DecoderRig(features: [Feature("event.y.z")]).decode(#"{"y":1}"#) == ["feature: feature event.y.z is missing"])
    #expect(try decoded("null", .float32, missing: .nan) == "nan")
    #expect(try decoded("null", .float64, missing: .nan) == "nan")
    #expect(try decoded("null", .float32, missing: .number(-1.5)) == "-1.5")
    #expect(try decoded("null", .int32, missing: .number(7)) == "7")
    #expect(try decoded("null", .int64, missing: .number(-7)) == "-7")
    #expect(try decoded("null", .bool, missing: .bool(true)) == "1")
    #expect(try decoded("null", .string, missing: .string("none")) == "none")
    #expect(try decoded("3", .int32, missing: .number(7)) == "3")
  }

  @Test func `an expression is a feature, and fails with its own words`() throws {
    let rig = try DecoderRig(features: [
      Feature("event.a / event.b", .float64, name: "ratio"), Feature("size(event.items)", .int64), Feature("event.a > 1", .bool),
      Feature("headers['kind'] + '!'", .string, missing: .string("?")), Feature("event.c + 1", missing: .nan),
    ])
    #expect(rig.decode(#"{"a":3,"b":2.0,"items":[1,2]}"#, headers: [("kind", "x")]) == ["1.5", "2", "1", "x!", "nan"])
    #expect(rig.decode(#"{"a":3,"b":2.0,"items":[1,2],"c":null}"#) == ["1.5", "2", "1", "?", "nan"])
    #expect(
      rig.decode(#"{"a":3,"b":"2","items":[]}"#)
        == ["feature: feature 'ratio' (event.a / event.b) has no value: column 9: no such overload: int / string"])
    #expect(
      rig.decode(#"{"a":3,"items":[]}"#) == ["feature: feature 'ratio' (event.a / event.b) has no value: column 17: no such key: event.b"])
    #expect(
      rig.decode(#"{"a":1,"b":2.0,"items":[],"c":"x"}"#).first?.hasPrefix("feature: feature event.c + 1 has no value: column 9:") == true)
  }

  @Test func `an optional value is missing when it holds nothing`() throws {
    let rig = try DecoderRig(features: [Feature("event.?a", missing: .nan), Feature("event.?b.?c", .int64)], include: [("a", "event.?a")])
    #expect(rig.decode(#"{"a":1.5,"b":{"c":2}}"#) == ["1.5", "2"])
    #expect(rig.members == #""a":1.5"#)
    #expect(rig.decode(#"{"b":{"c":2}}"#) == ["nan", "2"])
    #expect(rig.members == #""a":null"#)
    #expect(rig.decode(#"{"b":{}}"#) == ["feature: feature event.?b.?c is null"])
  }

  @Test func `rows and columns are where their strides say`() throws {
    var plan = FieldPlan()
    let features = try ["event.a", "event.b", "event.c"].map { FeatureDefinition(name: $0, expression: try Expression($0, fields: &plan)) }
    let program = try DecodingProgram(
      routes: RouteTable(laneNames: ["only"], routes: [Route(lane: 0)]), features: features, routeFields: FieldPlan(), allFields: plan)
    let decoder = try EventDecoder(program, lane: 0)
    let matrix = UnsafeMutablePointer<Float>.allocate(capacity: 6)
    defer { matrix.deallocate() }
    try decoder.bind((0..<3).map { FeatureColumn(base: UnsafeMutableRawPointer(matrix + $0), rowStride: 12, elementType: .float32) })
    var members = ByteBuffer()
    for (row, json) in [(1, #"{"c":13,"b":12,"a":11}"#), (0, #"{"c":3,"b":2,"a":1}"#)] {
      DecoderRig.lend(Array(json.utf8)) { payload in
        _ = decoder.route(RecordView(value: payload))
        #expect(decoder.decode(row: row, members: &members) == nil)
      }
    }
    #expect(Array(UnsafeBufferPointer(start: matrix, count: 6)) == [1, 2, 3, 11, 12, 13])
  }

  @Test func `what can't be bound is an error that names the feature`() throws {
    func refusal(_ feature: Feature) -> String {
      do {
        _ = try DecoderRig(features: [feature])
        return "bound"
      } catch {
        return "\(error)"
      }
    }
    #expect(
      refusal(Feature("event.x", .int64, missing: .nan))
        == "feature 'event.x': what stands in when it is missing does not fit a tensor of int64")
    #expect(refusal(Feature("event.x", .int32, missing: .number(0.5))).hasSuffix("does not fit a tensor of int32"))
    #expect(refusal(Feature("event.x", .float32, missing: .number(1e300))).hasSuffix("does not fit a tensor of float32"))
    #expect(refusal(Feature("event.x", .float32, missing: .string("x"))).hasSuffix("does not fit a tensor of float32"))
    #expect(refusal(Feature("event.x", .string, missing: .number(1))).hasSuffix("does not fit a tensor of string"))
    #expect(
      refusal(Feature("event.x", .string, vector: FeatureVector(length: 2)))
        == "feature 'event.x': a vector of string is not possible; use numbers")
    #expect(
      refusal(Feature("event.x", .int32, vector: FeatureVector(length: 2, encoding: .base64)))
        == "feature 'event.x': raw float32 does not fit a tensor of int32")
    #expect(refusal(Feature("event.x", vector: FeatureVector(length: 0))) == "feature 'event.x': a vector has one element at least")
  }
}
