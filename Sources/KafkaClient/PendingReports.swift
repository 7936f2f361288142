import CRdKafka

/// Delivery reports that a call of librdkafka's has brought and that are not handed over yet. One thread.
struct PendingReports {
  static let capacity = 512

  private var reports = UnsafeMutableBufferPointer<DeliveryReport>.allocate(capacity: capacity)
  private var count = 0
  /// Takes the reports that come while the others are being handed over.
  private var spare = UnsafeMutableBufferPointer<DeliveryReport>.allocate(capacity: capacity)
  /// Whether the values of messages that a broker refuses are kept.
  var keepsRefusedValues = false
  /// By token.
  private var refusedValues: [UInt: [UInt8]] = [:]

  var isFull: Bool { count == Self.capacity }

  @inline(__always)
  mutating func add(_ message: UnsafePointer<rd_kafka_message_t>) {
    reports.initializeElement(at: count, to: DeliveryReport(message))
    count += 1
    if message.pointee.err != RD_KAFKA_RESP_ERR_NO_ERROR, keepsRefusedValues { keepValue(of: message.pointee) }
  }

  private mutating func keepValue(of message: rd_kafka_message_t) {
    guard KafkaError.Code(message.err).isRefusalOfRecord else { return }
    let bytes = UnsafeRawBufferPointer(start: message.payload, count: message.payload == nil ? 0 : message.len)
    refusedValues[UInt(bitPattern: message._private)] = Array(bytes)
  }

  /// The value of a message that was refused; nil where none was kept.
  mutating func takeRefusedValue(of token: UInt) -> [UInt8]? { refusedValues.removeValue(forKey: token) }

  /// The reports so far, in memory that is the caller's until it gives it back; nil if there are none.
  mutating func take() -> UnsafeMutableBufferPointer<DeliveryReport>? {
    guard count > 0 else { return nil }
    let taken = UnsafeMutableBufferPointer(rebasing: reports[..<count])
    reports = spare.baseAddress == nil ? .allocate(capacity: Self.capacity) : spare
    spare = UnsafeMutableBufferPointer(start: nil, count: 0)
    count = 0
    return taken
  }

  mutating func giveBack(_ taken: UnsafeMutableBufferPointer<DeliveryReport>) {
    if spare.baseAddress == nil {
      spare = UnsafeMutableBufferPointer(start: taken.baseAddress, count: Self.capacity)
    } else {
      taken.deallocate()
    }
  }

  func free() {
    reports.deallocate()
    spare.deallocate()
  }
}
