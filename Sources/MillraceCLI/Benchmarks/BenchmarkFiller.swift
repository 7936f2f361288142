import Foundation
import KafkaClient
import Millrace

/// Fills a topic, from a process of its own: the processor time that it takes is not the pipeline's.
struct BenchmarkFiller {
  let workload: BenchmarkWorkload
  let topic: String
  let partitions: Int
  private let producer: KafkaProducer
  private let target: ProducerTopic
  private var generator = TransactionGenerator(seed: 7)
  private var random = SystemRandomNumberGenerator()
  private var payload: [UInt8] = []
  private let failures: Failures

  private final class Failures {
    var count = 0
  }

  /// Makes the producer.
  /// - Parameter lingerMs: 0 sends each record at once.
  init(_ workload: BenchmarkWorkload, topic: String, brokers: String, lingerMs: Int) throws {
    self.workload = workload
    self.topic = topic
    let admin = try KafkaAdmin(["bootstrap.servers": brokers])
    defer { admin.close() }
    partitions = try admin.describe([topic]).first?.partitions.count ?? 1
    producer = try KafkaProducer([
      "bootstrap.servers": brokers, "linger.ms": "\(lingerMs)", "batch.num.messages": "10000", "queue.buffering.max.messages": "1000000",
      "queue.buffering.max.kbytes": "262144",
    ])
    target = try producer.topic(topic)
    let failures = Failures()
    producer.onDelivery = { reports in for report in reports where !report.isAcknowledged { failures.count += 1 } }
    self.failures = failures
  }

  /// Sends so many records as fast as the broker takes them, in runs over all partitions.
  mutating func fill(_ records: Int) throws {
    for index in 0..<records {
      let key = makePayload(index)
      send(key: key, partition: Int32(index / 64 % partitions), timestampMs: workload.payload == .bulkPayment ? -1 : 0)
      if index % 1_024 == 0 { producer.poll() }
    }
    try finish()
  }

  /// Sends urgent payments at a steady rate. Each carries the time at which it was due, not when it went: a sender that is held up doesn't
  /// make what it measures look better.
  mutating func sendUrgent(rate: Double, seconds: Double) throws -> Int {
    let start = MonotonicTime.now
    let startMs = Date().timeIntervalSince1970 * 1_000
    let count = Int(rate * seconds)
    let pacer = Pacer(perSecond: rate, from: start, burst: .max)
    for index in 0..<count {
      let dueMs = (pacer.due - start) / .milliseconds(1)
      while pacer.take(1, at: .now) == 0 {
        producer.poll(timeoutMs: 0)
        usleep(200)
      }
      payload.removeAll(keepingCapacity: true)
      let info = generator.next(into: &payload)
      send(key: info.card, partition: Int32(index % partitions), timestampMs: Int64(startMs + dueMs), isUrgent: true)
      producer.poll()
    }
    try finish()
    return count
  }

  func close() { producer.close() }

  private mutating func makePayload(_ index: Int) -> Range<Int> {
    payload.removeAll(keepingCapacity: true)
    switch workload.payload {
    case .payment: return generator.next(into: &payload).card
    case .bulkPayment:
      while true {
        payload.removeAll(keepingCapacity: true)
        let card = generator.next(into: &payload).card
        if Self.amount(in: payload) < 500 { return card }
      }
    case .numbers:
      payload.append(UInt8(ascii: "["))
      for column in 0..<784 {
        if column > 0 { payload.append(UInt8(ascii: ",")) }
        payload.append(contentsOf: "0.".utf8)
        payload.append(contentsOf: String(random.next() % 90_000_000 + 10_000_000).utf8)
      }
      payload.append(UInt8(ascii: "]"))
    case .block:
      for _ in 0..<25 {
        withUnsafeBytes(of: Float(index % 1_000) / 8) { payload.append(contentsOf: $0) }
      }
    }
    let end = payload.count
    payload.append(contentsOf: "k\(index)".utf8)
    return end..<payload.count
  }

  /// The whole part of the member `amount`.
  private static func amount(in json: [UInt8]) -> Int {
    let name = Array("\"amount\":".utf8)
    var start = 0
    while start + name.count < json.count, !json[start...].starts(with: name) { start += 1 }
    return json[(start + name.count)...].prefix { $0 >= 48 && $0 <= 57 }.reduce(0) { $0 * 10 + Int($1 - 48) }
  }

  private func send(key: Range<Int>, partition: Int32, timestampMs: Int64, isUrgent: Bool = false) {
    payload.withUnsafeBytes { bytes in
      // Where the key is not part of the event it stands behind it.
      let isBehind = workload.payload == .numbers || workload.payload == .block
      let value = UnsafeRawBufferPointer(rebasing: isBehind ? bytes[..<key.lowerBound] : bytes[...])
      let key = UnsafeRawBufferPointer(rebasing: bytes[key])
      while true {
        var headers: RecordHeaders?
        if workload.payload == .bulkPayment {
          headers = RecordHeaders(capacity: 1)
          headers?.add("priority", isUrgent ? "urgent" : "normal")
        }
        let admission = producer.produce(
          to: target, partition: partition, key: key, value: value, headers: headers, timestampMs: timestampMs)
        guard case .queueFull = admission else { return }
        producer.poll(timeoutMs: 10)
      }
    }
  }

  private func finish() throws {
    try producer.flush(timeoutMs: 120_000)
    if failures.count > 0 { throw BenchmarkFault("\(failures.count) records could not be written to topic \(topic)") }
  }
}

struct BenchmarkFault: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
