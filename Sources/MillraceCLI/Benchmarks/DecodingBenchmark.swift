import EventDecoding
import Millrace

/// The workload `decode`: what routing and decoding cost without Kafka, as time per record on one thread, over payments that lie in memory.
struct DecodingBenchmark {
  struct Line: Encodable {
    let name: String
    let nanoseconds: Double
    /// The time that it should stay under.
    let aim: Double
  }

  /// How many times each payment is decoded in a measurement.
  let records: Int
  private static let rows = 256
  private static let payments = 1_000

  func lines() throws -> [Line] {
    let events = PaymentDecoder.payments(Self.payments)
    let field = try measure(events, routes: ["event.amount >= 500000.0"])
    let five = try measure(
      events,
      routes: ["event.amount > 500000.0 || event.amount < -1.0 || event.amount == 0.125 || event.amount == 0.375 || event.amount > 9e9"])
    let header = try measure(events, routes: [#"headers["priority"] == "urgent""#])
    let features = try measure(events, routes: [], features: PaymentDecoder.features)
    let array = "[" + (0..<784).map { "0.\(10_000_000 + $0 * 7919)" }.joined(separator: ",") + "]"
    let numbers = try measure(
      [Array("{\"pixels\":\(array)}".utf8)], routes: [], features: [("event.pixels", FeatureVector(length: 784))])
    return [
      Line(name: "route on one JSON field, another lane's record", nanoseconds: field, aim: 500),
      Line(name: "route on a header", nanoseconds: header, aim: 150),
      Line(name: "five comparisons, beyond one", nanoseconds: five - field, aim: 200),
      Line(name: "30 numeric features", nanoseconds: features, aim: 1_000),
      Line(name: "784 floats in a JSON array", nanoseconds: numbers, aim: 8_000),
    ]
  }

  /// Nanoseconds a record. With features every record is the lane's own; without them every one is another's.
  private func measure(
    _ events: [[UInt8]], routes: [String], features: [(source: String, vector: FeatureVector?)] = []
  ) throws -> Double {
    let payments = try PaymentDecoder(routes: routes, features: features, rows: Self.rows)
    // The decoder writes to the payments' tensor.
    defer { withExtendedLifetime(payments) {} }
    let decoder = payments.decoder
    let log = Self.log(of: events)
    defer { for event in log { event.deallocate() } }
    let headers = HeaderList([("priority", Array("normal".utf8))])
    var members = ByteBuffer()
    var failures = 0
    func turn(_ count: Int) {
      for index in 0..<count {
        let record = RecordView(value: UnsafeRawBufferPointer(log[index % log.count]), headers: headers.access)
        if decoder.route(record).lane != 0 { continue }
        if decoder.decode(row: index % Self.rows, members: &members) != nil { failures += 1 }
        members.removeAll()
      }
    }
    turn(records / 10)
    let start = MonotonicTime.now
    turn(records)
    let nanoseconds = Double(MonotonicTime.now.nanoseconds - start.nanoseconds) / Double(records)
    if failures > 0 { throw BenchmarkFault("\(failures) of the records could not be decoded") }
    return nanoseconds
  }

  private static func log(of events: [[UInt8]]) -> [UnsafeMutableRawBufferPointer] {
    events.map { event in
      let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: event.count, alignment: 16)
      copy.copyBytes(from: event)
      return copy
    }
  }
}
