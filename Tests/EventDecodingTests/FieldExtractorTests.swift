import CELFields
import JSONFields
import Testing
import Texts

@testable import CEL
@testable import EventDecoding

@Suite struct FieldExtractorTests {
  @Test func `every kind of value is found where its path says`() throws {
    let json = """
      {"text": "x", "yes": true, "no": false, "nothing": null, "int": -7, "real": 2.5, "list": [1, 2], "object": {"deep": {"er": 1e3}}}
      """
    let found = try extract(
      json,
      ["event.text", "event.yes", "event.no", "event.nothing", "event.int", "event.real", "event.list", "event.object.deep.er", "event.q"])
    #expect(found == ["string x", "true", "false", "null", "int -7", "double 2.5", "array [1, 2]", "double 1000.0", "absent"])
  }

  @Test(arguments: [
    ("0", "int 0"), ("-0", "int 0"), ("-0.0", "double -0.0"), ("9223372036854775807", "int 9223372036854775807"),
    ("-9223372036854775808", "int -9223372036854775808"), ("9223372036854775808", "uint 9223372036854775808"),
    ("18446744073709551615", "uint 18446744073709551615"), ("12345678", "int 12345678"), ("1234567.5", "double 1234567.5"),
    ("12345678.5", "double 12345678.5"), ("0.1", "double 0.1"), ("0.30000000000000004", "double 0.30000000000000004"),
    ("3.141592653589793238462643", "double 3.141592653589793"), ("1e22", "double 1e+22"), ("5e-324", "double 5e-324"),
    ("1.7976931348623157e308", "double 1.7976931348623157e+308"), ("1e-400", "double 0.0"),
    ("123456789012345678.9", "double 1.2345678901234568e+17"), ("9007199254740993.0", "int 9007199254740993"),
    ("9.007199254740993e15", "int 9007199254740993"), ("-900719925474099300e-2", "int -9007199254740993"),
    ("9007199254740993.5", "double 9.007199254740994e+15"), ("18446744073709551615.000", "uint 18446744073709551615"),
    ("1.8446744073709551615e19", "uint 18446744073709551615"), ("18446744073709551616.0", "double 1.8446744073709552e+19"),
    ("-9223372036854775808.0", "int -9223372036854775808"), ("-9223372036854775809.0", "double -9.223372036854776e+18"),
    ("1e19", "uint 10000000000000000000"), ("0e400", "double 0.0"), ("1000000000000000000000000e-5", "uint 10000000000000000000"),
  ])
  func `numbers keep what 64 bits can hold`(text: String, expected: String) throws {
    #expect(try extract("{\"a\":\(text)}", ["event.a"]) == [expected])
    #expect(try extract("[\(text) , 1]", ["event[0]"]) == [expected])
    #expect(try extract(text, ["event"]) == [expected])
  }

  @Test func `the text of a value is its text in the payload`() throws {
    let json = #"{"a": [1, {"b" : "\u00e9"} ] , "n": 1.50  , "s" : "\"q\""}"#
    var plan = FieldPlan()
    for path in ["event.a", "event.a[1].b", "event.n", "event.s", "event"] { _ = try Expression(path, fields: &plan) }
    let extractor = try FieldExtractor(plan)
    _ = extract(Array(json.utf8), with: extractor, plan)
    let raw = (0..<plan.count).map { slot in
      String(decoding: UnsafeBufferPointer(start: extractor.fields[slot].raw, count: extractor.fields[slot].raw_length), as: UTF8.self)
    }
    #expect(raw == [#"[1, {"b" : "\u00e9"} ]"#, #""\u00e9""#, "1.50", #""\"q\"""#, json])
  }

  @Test func `escapes are undone in text and in keys`() throws {
    #expect(try extract(#"{"\u0061": "\ud83d\ude00\n\/", "b\"c": 1}"#, ["event.a", "event['b\"c']"]) == ["string 😀\n/", "int 1"])
    #expect(
      try extract(#"{"x\\": "\\", "long key with an \u0065scape": 2}"#, ["event['x\\\\']", "event['long key with an escape']"]) == [
        "string \\", "int 2",
      ])
  }

  @Test func `keys are told apart byte by byte`() throws {
    var names =
      (0..<40).map { "feature_\($0)" } + ["", "f", "feature_", "a longer name than sixteen bytes 1", "a longer name than sixteen bytes 2"]
    names += ["\u{E9}", "e\u{301}", "FEATURE_1", "feature_1\u{0}"]
    var plan = FieldPlan()
    for name in names { _ = plan.slot(for: FieldPath([.key(name)])) }
    #expect(plan.count == names.count)
    let members = names.enumerated().map { "\(JSONString.quoted($1)):\($0)" }
    let extractor = try FieldExtractor(plan)
    var generator = SeededGenerator(seed: 1)
    // In every order, and with keys between that nobody asked for.
    for _ in 0..<20 {
      let others = ["\"feature_40\":-1", "\"a longer name than sixteen bytes 3\":-1", "\"g\":[{\"f\":-1}]"]
      let json = "{\((members + others).shuffled(using: &generator).joined(separator: ","))}"
      #expect(extract(Array(json.utf8), with: extractor, plan) == names.indices.map { "int \($0)" })
    }
  }

  @Test(arguments: [true, false])
  func `of equal keys the last one counts, at every level`(validating: Bool) throws {
    let paths = ["event.a", "event.b.c", "event.b.d", "event.b.e.f", "event.l[1]"]
    let json = #"{"a":1,"b":{"c":1,"d":2,"e":{"f":3}},"l":[1,2],"a":2,"b":{"c":4,"c":5,"e":{}},"l":[3]}"#
    #expect(try extract(json, paths, validating: validating) == ["int 2", "int 5", "absent", "absent", "absent"])
    #expect(try extract(#"{"b":{"c":1},"b":7}"#, paths, validating: validating) == Array(repeating: "absent", count: 5))
    #expect(
      try extract(#"{"b":7,"b":{"c":1},"a":[],"a":null}"#, paths, validating: validating) == [
        "null", "int 1", "absent", "absent", "absent",
      ])
  }

  @Test func `a field remembers nothing of the payload before`() throws {
    var plan = FieldPlan()
    for path in ["event.a.b", "event.c"] { _ = try Expression(path, fields: &plan) }
    let extractor = try FieldExtractor(plan)
    #expect(extract(Array(#"{"a":{"b":1},"c":2}"#.utf8), with: extractor, plan) == ["int 1", "int 2"])
    #expect(extract(Array(#"{"d":1}"#.utf8), with: extractor, plan) == ["absent", "absent"])
    #expect(extract(Array("{".utf8), with: extractor, plan).first?.hasPrefix("fault") == true)
    #expect(extract(Array(#"{"c":[],"a":{"b":{}}}"#.utf8), with: extractor, plan) == ["object {}", "array []"])
  }

  @Test func `indices lead into arrays only, and names into objects only`() throws {
    let paths = ["event.a[0]", "event.a['0']", "event.b[1][0].c", "event.b[9]"]
    #expect(try extract(#"{"a":{"0":1},"b":[0,[{"c":5}],2]}"#, paths) == ["absent", "int 1", "int 5", "absent"])
    #expect(try extract(#"{"a":[7],"b":{"1":[]}}"#, paths) == ["int 7", "absent", "absent", "absent"])
  }

  @Test func `what nobody needs is skipped, and valid or not is not asked`() throws {
    let json = #"{"skip":[1e999,{"x":tru}],"a":1,"more":"\q"}"#
    #expect(try extract(json, ["event.a"], validating: false) == ["int 1"])
    #expect(try extract(json, ["event.a"], validating: true).first?.hasPrefix("fault") == true)
    #expect(
      try extract(#"{"a":[1e]}"#, ["event.a"], validating: false).first?.hasPrefix("fault") == true,
      "an array that is needed has to be valid")
  }

  @Test func `a huge payload is read, and its memory given back after many small ones`() throws {
    let text = String(repeating: "x", count: 5 << 20)
    var plan = FieldPlan()
    for path in ["event.big", "event.a"] { _ = try Expression(path, fields: &plan) }
    let extractor = try FieldExtractor(plan)
    #expect(extract(Array("{\"big\":\"\(text)\",\"a\":1}".utf8), with: extractor, plan) == ["string \(text)", "int 1"])
    for number in 0..<2100 { #expect(extract(Array("{\"a\":\(number)}".utf8), with: extractor, plan) == ["absent", "int \(number)"]) }
    #expect(extract(Array("{\"big\":\"\(text)\",\"a\":1}".utf8), with: extractor, plan) == ["string \(text)", "int 1"])
  }

  @Test(arguments: [("[", "]"), ("{\"a\":", "}")])
  func `1,000 levels of nesting are read, and more than 1,024 refused`(open: String, close: String) throws {
    func nested(_ depth: Int) -> [UInt8] {
      Array((String(repeating: open, count: depth) + "1" + String(repeating: close, count: depth)).utf8)
    }
    for depth in [1000, 1023] {
      #expect(try extract(nested(depth), ["event.b"]) == ["absent"])
      #expect(nested(depth).withUnsafeBufferPointer { mr_dom_accepts($0.baseAddress, $0.count) })
    }
    for depth in [1024, 100_000] {
      #expect(try fault(nested(depth)) == "byte \(1023 * open.utf8.count): it nests more than 1024 levels deep")
      #expect(!nested(depth).withUnsafeBufferPointer { mr_dom_accepts($0.baseAddress, $0.count) })
      #expect(try extract(nested(depth), ["event.b"], validating: false) == ["absent"], "what is skipped has no depth")
    }
  }
}
