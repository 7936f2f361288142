/// Delivery reports that a call of librdkafka's has brought and that are not handed over yet. One thread.
struct PendingReports {
  static let capacity = 512

  private var reports = UnsafeMutableBufferPointer<DeliveryReport>.allocate(capacity: capacity)
  private var count = 0
  /// Takes the reports that come while the others are being handed over.
  private var spare = UnsafeMutableBufferPointer<DeliveryReport>.allocate(capacity: capacity)

  var isFull: Bool { count == Self.capacity }

  @inline(__always)
  mutating func add(_ report: DeliveryReport) {
    reports.initializeElement(at: count, to: report)
    count += 1
  }

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
