import Testing

@testable import CEL
@testable import EventDecoding

@Suite struct EventDecoderTests {
  typealias Feature = DecoderRig.Feature

  @Test func `id and members are copied as they stand in the event`() throws {
    let rig = try DecoderRig(
      features: [Feature("event.a")], id: "event.id",
      include: [("card", "event.card"), ("why \"so\"", "event.deep[0].x"), ("gone", "event.gone")])
    #expect(rig.decode(#"{"id":"e\u00e9-1","a":1,"card":1.50,"deep":[{"x": [1, {"y":2}] }]}"#) == ["1.0"])
    #expect(rig.members == #""id":"e\u00e9-1","card":1.50,"why \"so\"":[1, {"y":2}],"gone":null"#)
    #expect(rig.decode(#"{"id":12345678901234567890,"a":1}"#) == ["1.0"])
    #expect(rig.members == #""id":12345678901234567890,"card":null,"why \"so\"":null,"gone":null"#)
  }

  @Test func `id and members may be any expression`() throws {
    let rig = try DecoderRig(
      features: [Feature("event.a")], id: "key",
      include: [("where", "topic + '/' + string(partition)"), ("none", "headers['x']"), ("n", "event.a * 2")])
    #expect(rig.decode(#"{"a":1.25}"#, key: "k\"1") == ["1.25"])
    #expect(rig.members == #""id":"k\"1","where":"/0","none":null,"n":2.5"#)
    #expect(rig.decode(#"{"a":1.25}"#) == ["member: the id key is NULL"])
    #expect(rig.members == "")
    #expect(rig.decode(#"{"a":"x"}"#).count == 1)
  }

  @Test func `a record without its id is at fault, and leaves nothing in the output`() throws {
    let rig = try DecoderRig(features: [Feature("event.a", missing: .nan)], id: "event.id", include: [("b", "event.b / 0")])
    #expect(rig.decode(#"{"a":1}"#) == ["member: the id event.id is missing or null"])
    #expect(rig.members == "")
    #expect(rig.decode(#"{"id":null}"#) == ["member: the id event.id is missing or null"])
    #expect(rig.decode(#"{"id":1,"b":3}"#) == ["member: event.b / 0 has no value: column 9: division by zero"])
    #expect(rig.members == "")
  }

  @Test func `a payload that is no event is a fault with its reason`() throws {
    let rig = try DecoderRig(features: [Feature("event.a")])
    #expect(rig.decode(nil as String?) == ["payload: the record has no payload: it is a tombstone"])
    #expect(rig.decode("") == ["payload: the record's payload is empty"])
    #expect(rig.decode(" ") == ["json: the payload is not valid JSON: it is empty or holds white space alone"])
    #expect(rig.decode(#"{"a":1"#) == ["json: the payload is not valid JSON: byte 6: it ends too early"])
    #expect(rig.decode([0x7B, 0x22, 0xFF, 0x22, 0x7D]) == ["json: the payload is not valid JSON: byte 2: invalid UTF-8"])
    #expect(
      rig.decode(#"{"a":1,"unused":1e}"#) == [
        "json: the payload is not valid JSON: byte 16: expected a number as JSON writes it, found 1e"
      ])
    #expect(rig.decode("[1,2]") == ["feature: feature event.a is missing"])
    #expect(rig.decode("7") == ["feature: feature event.a is missing"])
    #expect(rig.decode(#"{"a":1}"#) == ["1.0"], "a fault leaves nothing behind")
  }

  @Test func `a lane that reads no event does not ask for one`() throws {
    let rig = try DecoderRig(features: [Feature("size(headers['x'])", .int64), Feature("partition")], id: "key")
    #expect(rig.decode(nil as String?, key: "k", headers: [("x", "abc")]) == ["3", "0.0"])
    #expect(rig.members == #""id":"k""#)
    #expect(rig.decode("{nonsense", key: "k", headers: [("x", "")]) == ["0", "0.0"])
  }

  @Test func `5 MB and 1,000 levels are decoded like any other`() throws {
    let rig = try DecoderRig(features: [Feature("event.a")], include: [("deep", "event.deep")])
    let deep = String(repeating: "[", count: 1000) + String(repeating: "]", count: 1000)
    let text = String(repeating: "x", count: 5 << 20)
    #expect(rig.decode("{\"text\":\"\(text)\",\"deep\":\(deep),\"a\":1}") == ["1.0"])
    #expect(rig.members == "\"deep\":\(deep)")
    #expect(rig.decode(#"{"a":2}"#) == ["2.0"])
  }

  @Test func `of duplicate keys the last one is decoded`() throws {
    let rig = try DecoderRig(features: [Feature("event.a"), Feature("event.b.c", missing: .nan)], id: "event.id")
    #expect(rig.decode(#"{"id":1,"a":"x","b":{"c":1},"a":2,"id":"last","b":{}}"#) == ["2.0", "nan"])
    #expect(rig.members == #""id":"last""#)
  }

  @Test func `a tensor is its vectors, one after the other`() throws {
    let vector = FeatureVector(length: 2)
    let rig = try DecoderRig(
      features: [
        Feature("event", vector: vector), Feature("size(headers['x'])", .int32),
        Feature("event", .float64, vector: FeatureVector(length: 1)),
      ],
      id: "key", format: .tensor)
    let payload = [1, -2.5, Float.infinity].flatMap { number in withUnsafeBytes(of: number.bitPattern.littleEndian) { Array($0) } }
    #expect(rig.decode(payload, key: "k", headers: [("x", "12")]) == ["1.0 -2.5", "2", "inf"])
    #expect(rig.members == #""id":"k""#)
    let expected = "payload: the payload: expected 3 float32 values in 12 bytes, found"
    #expect(rig.decode(Array(payload.dropLast()), key: "k") == ["\(expected) 11 bytes"])
    #expect(rig.decode(payload + [0], key: "k") == ["\(expected) 13 bytes"])
    #expect(rig.decode([UInt8](), key: "k") == ["\(expected) 0 bytes"])
    #expect(rig.decode(nil as String?, key: "k") == ["payload: the record has no payload: it is a tombstone"])
  }

  @Test func `binding other columns and types works at any time`() throws {
    var plan = FieldPlan()
    let feature = FeatureDefinition(name: "v", expression: try Expression("event.v", fields: &plan), vector: FeatureVector(length: 2))
    let program = try DecodingProgram(
      routes: RouteTable(laneNames: ["only"], routes: [Route(lane: 0)]), features: [feature], routeFields: FieldPlan(), allFields: plan)
    let decoder = try EventDecoder(program, lane: 0)
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 32, alignment: 8)
    defer { memory.deallocate() }
    var members = ByteBuffer()
    try DecoderRig.lend(Array(#"{"v":[1,2]}"#.utf8)) { payload in
      let base = try #require(memory.baseAddress)
      for type in [FeatureType.float32, .int64, .float32] {
        _ = decoder.route(RecordView(value: payload))
        try decoder.bind([FeatureColumn(base: base, rowStride: 16, elementType: type, width: 2)])
        #expect(decoder.decode(row: 0, members: &members) == nil)
        let second =
          type == .int64 ? Double(base.load(fromByteOffset: 8, as: Int64.self)) : Double(base.load(fromByteOffset: 4, as: Float.self))
        #expect(second == 2)
      }
    }
    let fault = #expect(throws: DecodingProgramError.self) { try decoder.bind([]) }
    #expect(fault?.kind == .columnCount(features: 1, columns: 0))
    #expect(fault?.description == "there are 1 features, and 0 columns for them")
  }
}
