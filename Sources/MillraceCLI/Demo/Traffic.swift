import Foundation
import KafkaClient
import Millrace
import Synchronization

/// Sends generated payments to a topic at a steady rate, from a thread of its own.
final class Traffic: Sendable {
  private let topic: String
  private let kafka: KafkaProperties
  private let rate: Int
  private let duration: Duration
  private let counter = Atomic(0)
  private let finished = Atomic(false)
  private let cancelled = Atomic(false)

  init(topic: String, kafka: KafkaSettings, rate: Int, duration: Duration) throws {
    self.topic = topic
    self.rate = rate
    self.duration = duration
    var properties = kafka.values.filter {
      ["bootstrap.servers", "security.protocol"].contains($0) || $0.hasPrefix("sasl.") || $0.hasPrefix("ssl.")
    }
    properties["linger.ms"] = "1"
    self.kafka = properties
  }

  var sent: Int { counter.load(ordering: .relaxed) }
  var isFinished: Bool { finished.load(ordering: .acquiring) }

  func start() {
    Thread.detachNewThread { [self] in
      do {
        try send()
      } catch {
        printError("error: the demo's payments can't be sent: \(error)")
      }
      finished.store(true, ordering: .releasing)
    }
  }

  func close() { cancelled.store(true, ordering: .relaxed) }

  private func send() throws {
    let producer = try KafkaProducer(kafka)
    defer { producer.close() }
    let topic = try producer.topic(topic)
    var generator = TransactionGenerator(seed: UInt64(Date().timeIntervalSince1970))
    var payload: [UInt8] = []
    let start = MonotonicTime.now
    let end = start + duration
    let pacer = Pacer(perSecond: Double(rate), from: start, burst: .max)
    while MonotonicTime.now < end && !cancelled.load(ordering: .relaxed) {
      for _ in 0..<pacer.take(.max, at: .now) {
        payload.removeAll(keepingCapacity: true)
        let info = generator.next(atMs: Int64(Date().timeIntervalSince1970 * 1000), into: &payload)
        produce(payload, key: info.card, to: topic, with: producer)
        counter.add(1, ordering: .relaxed)
      }
      _ = producer.poll(timeoutMs: 1)
    }
    try producer.flush(timeoutMs: 10_000)
  }

  private func produce(_ payload: [UInt8], key: Range<Int>, to topic: ProducerTopic, with producer: KafkaProducer) {
    payload.withUnsafeBytes { value in
      let key = UnsafeRawBufferPointer(rebasing: value[key])
      while case .queueFull = producer.produce(to: topic, key: key, value: value, headers: nil) { _ = producer.poll(timeoutMs: 10) }
    }
  }
}
