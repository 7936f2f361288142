import Testing

@testable import CEL
@testable import EventDecoding

/// What JSON allows and no value can hold disturbs only what reads it.
@Suite struct UnreadableFieldTests {
  typealias Feature = DecoderRig.Feature

  static let values = ["1e400", "-123456789012345678901234567890", #""cut \ud83d""#, #""\udc00""#]

  @Test(arguments: values)
  func `a record is decoded where nobody reads it`(value: String) throws {
    let rig = try DecoderRig(features: [Feature("event.a"), Feature("event.l[0].a")], id: "event.id")
    let event = #"{"x":\#(value),"id":"i","l":[{"y":\#(value),"a":2},\#(value)],"o":{"\ud800":\#(value)},"a":1}"#
    #expect(rig.decode(event) == ["1.0", "2.0"])
    #expect(rig.members == #""id":"i""#)
  }

  @Test(arguments: values)
  func `a member and an id are copied as they were written`(value: String) throws {
    let rig = try DecoderRig(
      features: [], id: "event.x",
      include: [("x", "event.x"), ("o", "event.o"), ("f", "event.l.filter(i, true)"), ("w", "{'all': event.o}"), ("n", "size(event.o)")])
    #expect(rig.decode(#"{"x": \#(value) ,"o":{"a" : \#(value),"b":[ 1 ]},"l":[\#(value),1]}"#) == [])
    #expect(
      rig.members == #""id":\#(value),"x":\#(value),"o":{"a" : \#(value),"b":[ 1 ]},"f":[\#(value),1],"#
        + #""w":{"all":{"a":\#(value),"b":[1]}},"n":2"#)
    #expect(rig.decoder.idOfLast() == value)
  }

  @Test(arguments: [
    (
      Feature("event.x"), #"{"x":1e400}"#, "event.x",
      "event.x can't be read: the number 1e400 is too large: integers fit 64 bits, all others a double"
    ),
    (
      Feature("event.x", missing: .nan), #"{"x":"\ud83d"}"#, "event.x",
      #"event.x can't be read: the text "\ud83d" is no Unicode: it has half of a surrogate pair"#
    ),
    (
      Feature("event.o.x + 1", .int64), #"{"o":{"x":18446744073709551616}}"#, "event.o.x + 1",
      "column 9: event.o.x can't be read: the number 18446744073709551616 is too large: integers fit 64 bits, all others a double"
    ),
    (
      Feature("event.l.map(i, i.x)[0]", .float64), #"{"l":[{"x":-1e999}]}"#, "event.l.map(i, i.x)[0]",
      #"column 18: the part "x" can't be read: the number -1e999 is too large: integers fit 64 bits, all others a double"#
    ),
    (
      Feature("event.?x.orValue('y')", .string), #"{"x":"a\udfffb"}"#, "event.?x.orValue('y')",
      #"column 8: event.x can't be read: the text "a\udfffb" is no Unicode: it has half of a surrogate pair"#
    ),
  ])
  func `read, it is a fault of the field, with its words`(feature: Feature, event: String, source: String, words: String) throws {
    let rig = try DecoderRig(features: [feature])
    #expect(rig.decode(event) == ["feature: feature \(source) has no value: \(words)"])
    let shown = try #require(rig.fault?.shown)
    #expect(!shown.contains("1e999") && !shown.contains("ud83d") && !shown.contains("1844") && !shown.contains("1e400"))
    #expect(rig.fault?.brief == "feature \(source) is missing or does not fit")
  }

  @Test func `an element of an array is told by its index`() throws {
    let rig = try DecoderRig(features: [Feature("event.v", .float64, vector: FeatureVector(length: 3))])
    #expect(
      rig.decode(#"{"v":[1,1e400,3]}"#) == [
        "feature: feature event.v: the number at index 1 does not fit float64 (±1.7976931348623157e308)"
      ])
    #expect(rig.decode(#"{"v":[1,"\ud83d",3]}"#) == ["feature: feature event.v: expected 3 numbers, found a string at index 1"])
    let list = try DecoderRig(features: [Feature("event.v.filter(i, true)", .float64, vector: FeatureVector(length: 3))])
    #expect(
      list.decode(#"{"v":[1,1e400,3]}"#) == [
        "feature: feature event.v.filter(i, true): the number at index 1 does not fit float64 (±1.7976931348623157e308)"
      ])
    let text = try DecoderRig(features: [Feature("event.v", vector: FeatureVector(length: 2, encoding: .csv))])
    #expect(text.decode(#"{"v":"1,1e400"}"#).first?.contains("the number at index 1 does not fit") == true)
    #expect(text.decode(#"{"v":"1,\ud83d"}"#).first?.contains("event.v can't be read") == true)
  }

  /// An expression over `event`, and whether it holds; nil where it reads what can't be read.
  @Test(
    arguments: [
      ("event.x == 1", nil), ("event.x != null", nil), ("event.x in [1, 2]", nil), ("event.x > 1", nil), ("event.t == 'a'", nil),
      ("event.t.startsWith('a')", nil), ("event.t in ['a']", nil), ("event.x == event.a", nil), ("event.?x.hasValue()", nil),
      ("event.a == 1 || event.x > 1", true), ("event.x > 1 || event.a == 1", true), ("event.a == 2 && event.x > 1", false),
      ("event.x > 1 && event.a == 1", nil), ("event.a == 1 ? true : event.x > 1", true), ("has(event.x) && has(event.t)", true),
      ("has(event.x.y)", nil), ("has(event.o.x)", true), ("has(event.o.y)", false), ("event.o.a == 1", true), ("event.o.x == 1", nil),
      ("'x' in event.o", true), ("'y' in event.o", false), ("size(event.o) == 3", true), ("size(event.l) == 4", true),
      ("event.l.exists(i, has(i.a))", true), ("event.l.all(i, has(i.a))", nil), ("event.l[1].a == 1", true), ("event.l[0] == 1", nil),
      ("event.l.exists(i, i == 3)", true),
      ("event.l.exists(i, i == 9)", nil), ("event.l.all(i, true)", true), ("3 in event.l", true), ("9 in event.l", nil),
      ("[3] in [event.l, [3]]", true), ("[1, 2, 3, 4] in [[3], event.l]", nil),
      ("event.l.filter(i, type(i) == int).size() == 1", nil), ("event.m.exists(i, i.price > 10)", true),
      ("event.m.all(i, i.price > 1)", true),
      ("event.m.exists(i, i.note == 1)", nil), ("event.o.exists(n, n == 'a')", true), ("event.o.exists(n, n == 'q')", nil),
      ("event.o == {'a': 1}", false), ("event.o == event.o", nil), ("event.l == [1]", false), ("event.l == [1, 2, 3, 4]", nil),
      ("event == 5", false), ("cel.bind(e, event, e.a == 1)", true), ("cel.bind(e, event, e.x == 1)", nil), ("event.a in event.l", nil),
      ("type(event.x) == double", nil), ("string(event.x) == ''", nil), ("'%s'.format([event.l]) == ''", nil),
      ("event.s.join() == ''", nil),
      ("math.greatest(event.n) == 1", nil), ("event.o.transformMap(k, v, k == 'a', 5) == {'a': 5}", nil), ("event.g == 1", true),
    ] as [(String, Bool?)])
  func `conditions fail where they read it, and hold where they don't`(source: String, expected: Bool?) throws {
    let event = #"""
      {"x":1e400,"t":"a\ud83d","a":1,"o":{"x":1e400,"a":1,"\udc00":2},"l":[1e400,{"a":1},3,"\ud800"],"s":["a","\ud800"],"n":[1,1e400],
       "m":[{"price":5,"note":1e400},{"price":50,"note":"\ud83d"}],"g":1e400,"g":1}
      """#
    var plan = FieldPlan()
    let condition = try Expression(source, fields: &plan, expecting: .bool)
    let routes = [Route(lane: 0, when: condition), Route(lane: 1)]
    for reading in [EventDecoder.Reading.adaptive, .routesFirst, .everything] {
      let rig = try DecoderRig(routes: routes, laneNames: ["yes", "no"], plan: plan, features: [Feature("event.a")], reading: reading)
      let routing = DecoderRig.lend(Array(event.utf8)) { rig.route(RecordView(value: $0)) }
      #expect(routing == Routing(lane: expected == true ? 0 : 1, rule: expected == true ? 0 : 1, failedRules: expected == nil ? 1 : 0))
    }
  }

  @Test func `a fault of a member names it, and one of a route does, too`() throws {
    var plan = FieldPlan()
    let condition = try Expression("event.l[0] > 1", fields: &plan, expecting: .bool)
    let rig = try DecoderRig(
      routes: [Route(lane: 0, when: condition), Route(lane: 0)], plan: plan, features: [], include: [("y", "event.x * 2")])
    #expect(
      rig.decode(#"{"l":[1e400],"x":1e400}"#) == [
        "member: event.x * 2 has no value: column 7: event.x can't be read: the number 1e400 is too large: integers fit 64 bits, "
          + "all others a double"
      ])
    #expect(rig.decoder.failedRules(before: 1).map(\.reason).first?.contains("event.l[0] can't be read") == true)
  }
}
