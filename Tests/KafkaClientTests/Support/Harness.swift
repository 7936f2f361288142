import Foundation
import KafkaClient
import Testing

/// The pieces that most tests of this target share. Everything closes itself when the test's body is over.
enum Harness {
  /// Long enough for a machine with other work to do; a condition that comes true ends the wait at once.
  static let patience = Duration.seconds(60)

  /// A cluster that isn't the mock one, where there is one.
  static let realBrokers = ProcessInfo.processInfo.environment["MILLRACE_TEST_BROKERS"]

  static func withMock(brokers: Int = 1, _ body: (MockCluster) throws -> Void) throws {
    let mock = try MockCluster(brokerCount: brokers)
    defer { mock.close() }
    try body(mock)
  }

  static func withProducer(_ brokers: String, _ properties: KafkaProperties = [:], _ body: (KafkaProducer) throws -> Void) throws {
    var all: KafkaProperties = [
      "bootstrap.servers": brokers, "linger.ms": "0", "reconnect.backoff.ms": "10", "reconnect.backoff.max.ms": "100",
    ]
    all.merge(properties)
    let producer = try KafkaProducer(all)
    defer { producer.close() }
    try body(producer)
  }

  static func withConsumer(_ brokers: String, _ properties: KafkaProperties = [:], _ body: (KafkaConsumer) throws -> Void) throws {
    let consumer = try makeConsumer(brokers, properties)
    defer { consumer.close() }
    try body(consumer)
  }

  static func makeConsumer(_ brokers: String, _ properties: KafkaProperties = [:]) throws -> KafkaConsumer {
    var all: KafkaProperties = [
      "bootstrap.servers": brokers, "group.id": "group", "auto.offset.reset": "earliest", "fetch.wait.max.ms": "20",
      "session.timeout.ms": "6000", "heartbeat.interval.ms": "100", "reconnect.backoff.ms": "10", "reconnect.backoff.max.ms": "100",
      "topic.metadata.refresh.fast.interval.ms": "50", "fetch.error.backoff.ms": "50",
    ]
    all.merge(properties)
    return try KafkaConsumer(all)
  }

  /// Runs `step` until `isDone`, or until patience ends; each step should wait a little for events by itself.
  static func run(until isDone: @autoclosure () -> Bool, _ step: () throws -> Void) throws {
    let deadline = ContinuousClock.now.advanced(by: patience)
    while !isDone() {
      if ContinuousClock.now > deadline { throw Impatience() }
      try step()
    }
  }

  struct Impatience: Error {}
}

/// A copy of a record that a test can keep.
struct Copy: Equatable {
  var topic: String
  var partition: Int32
  var offset: Int64
  var key: [UInt8]?
  var value: [UInt8]?
  var headers: [Header] = []

  struct Header: Equatable {
    var name: String
    var value: [UInt8]?
  }

  init(_ record: KafkaRecord) {
    (topic, partition, offset) = (record.topic, record.partition, record.offset)
    (key, value) = (record.key.map(Array.init), record.value.map(Array.init))
    record.forEachHeader { headers.append(Header(name: String(cString: $0), value: $1.map(Array.init))) }
  }
}

extension KafkaConsumer {
  /// Polls once, waiting a moment for something to arrive, and gives the records back.
  func take(_ most: Int = 1000, timeoutMs: Int32 = 50) -> [Copy] {
    withUnsafeTemporaryAllocation(of: KafkaRecord.self, capacity: most) { buffer in
      let count = poll(into: buffer, timeoutMs: timeoutMs)
      return buffer[..<count].map { record in
        defer { record.destroy() }
        return Copy(record)
      }
    }
  }
}

extension KafkaProducer {
  /// Produces one message, and waits where the queue is full.
  func send(
    _ topic: String, _ value: [UInt8]?, key: [UInt8]? = nil, partition: Int32 = 0, headers: consuming RecordHeaders? = nil, token: UInt = 0
  ) throws {
    let admission = try withBytes(key) { key in
      try withBytes(value) { value in
        produce(to: try self.topic(topic), partition: partition, key: key, value: value, headers: headers.take(), token: token)
      }
    }
    if case .rejected(let error) = admission { throw error }
    if case .queueFull = admission { throw KafkaError(.queueFull, context: "test") }
  }
}

func withBytes<Result>(_ bytes: [UInt8]?, _ body: (UnsafeRawBufferPointer?) throws -> Result) rethrows -> Result {
  guard let bytes else { return try body(nil) }
  return try bytes.withUnsafeBytes { try body($0) }
}

extension [UInt8] {
  init(_ text: StaticString) { self = text.withUTF8Buffer { Array($0) } }
}
