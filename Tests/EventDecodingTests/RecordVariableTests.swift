import Testing

@testable import CEL
@testable import EventDecoding

@Suite struct RecordVariableTests {
  /// A record whose key is NULL is asked for with no expected value: then it has to be true.
  private func check(
    _ source: String, _ expected: String, key: [UInt8] = Array("card-1".utf8), headers: [(name: String, value: [UInt8]?)] = []
  ) {
    var plan = FieldPlan()
    do throws(ExpressionError) {
      let expression = try Expression(source, fields: &plan)
      let list = HeaderList(headers)
      let isNull = expected.isEmpty
      key.withUnsafeBytes { bytes in
        let record = RecordView(
          value: nil, key: isNull ? nil : bytes, topic: .literal("orders"), partition: 3, offset: 1234, timestampMs: 1_700_000_000_123,
          headers: list.access)
        let value = withActivation(of: record, eventFault: .noPayload) { expression.evaluate($0) }
        let found = (try? value.get().json()) ?? "error"
        #expect(found == (isNull ? "true" : expected), "\(source)")
        // Routes ask for the truth alone: it must say the same.
        let truth = withExtendedLifetime(list) { withActivation(of: record, eventFault: .noPayload) { expression.evaluateBool($0) } }
        let wanted: Truth = found == "true" ? .yes : found == "false" ? .no : .fault
        #expect(truth == wanted, "\(source)")
      }
    } catch {
      Issue.record("\(source): \(error)")
    }
  }

  @Test func `key, topic, partition, offset and timestamp are those of the record`() {
    check("key", #""card-1""#)
    check("key == 'card-1' && key.startsWith('card') && key.matches('^card-[0-9]$') && key in ['x', 'card-1']", "true")
    check("key < 'card-2' && key != 'card' && 'card-1' == key", "true")
    check("topic == 'orders' && topic.endsWith('ers') && topic in ['orders'] && topic > 'a'", "true")
    check("partition == 3 && partition in [1, 3] && partition < 4u && partition >= 2.5", "true")
    check("offset == 1234 && offset % 2 == 0 && 1000 < offset && offset != 5", "true")
    check("timestamp", #""2023-11-14T22:13:20.123Z""#)
    check("timestamp.getHours() == 22 && timestamp > timestamp('2023-01-01T00:00:00Z')", "true")
    check("{'k': key, 'p': partition}", #"{"k":"card-1","p":3}"#)
  }

  @Test func `a key that is NULL is null, and one that is not UTF-8 is bytes`() {
    check("key == null", "")
    check("key != 'a' && !(key in ['a']) && type(key) == null_type", "")
    check("key == ''", "true", key: [])
    check("type(key) == bytes && key == b'\\xff\\x00'", "true", key: [0xFF, 0])
    check("key == 'a'", "false", key: [0xFF])
    check("key.startsWith('a')", "error", key: [0xFF])
  }

  @Test func `headers are a map of strings, the last of a name counts`() {
    let headers: [(name: String, value: [UInt8]?)] = [
      ("priority", Array("low".utf8)), ("priority", Array("high".utf8)), ("null", nil), ("raw", [0xC3]), ("", Array("empty".utf8)),
      ("e", []),
    ]
    check("headers['priority'] == 'high' && headers.priority == 'high'", "true", headers: headers)
    check("headers['priority']", #""high""#, headers: headers)
    check("headers['prio' + 'rity'].startsWith('hi')", "true", headers: headers)
    check("headers[key]", "error", headers: headers)
    check("headers[key]", #""high""#, key: Array("priority".utf8), headers: headers)
    check("'priority' in headers && has(headers.priority) && !('x' in headers) && !has(headers.x)", "true", headers: headers)
    check("key in headers", "true", key: Array("priority".utf8), headers: headers)
    check("headers.x == 'a'", "error", headers: headers)
    check("headers.x == 'a' || topic == 'orders'", "true", headers: headers)
    check("headers['null'] == 'a'", "false", headers: headers)
    check("headers['e'] == '' && headers[''] == 'empty'", "true", headers: headers)
    check("headers.raw == 'a'", "error", headers: headers)
    check("headers.raw.contains('a')", "error", headers: headers)
    check("headers['a\\x00b'] == 'a'", "error", headers: headers)
    check("'a\\x00b' in headers", "false", headers: headers)
    check("size(headers)", "5", headers: headers)
    check("headers.exists(name, name.startsWith('prio') && headers[name] == 'high')", "true", headers: headers)
  }

  @Test func `a record without timestamp has none to read`() throws {
    var plan = FieldPlan()
    let expression = try Expression("timestamp.getHours() > 3", fields: &plan)
    #expect(withActivation(of: RecordView(value: nil)) { expression.evaluateBool($0) } == .fault)
  }
}
