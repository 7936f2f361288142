/// The flights of one worker, in the order in which their batches were published.
///
/// A record's token, which its delivery report brings back, names the flight's slot and the record's place in it, and the
/// era: after flights were abandoned, reports of what was sent before mean nothing.
struct Flights {
  /// Frees the flights with the last copy of this.
  private final class Owner {
    var flights: [Flight] = []

    deinit { for flight in flights { flight.free() } }
  }

  private let owner = Owner()
  private var slots: [Flight] = []
  /// The flight that is being filled.
  private(set) var openFlight: Flight
  private var free: [Int] = []
  /// Slots in the order of publication, from `first` on.
  private var order: [Int] = []
  private var first = 0
  private let capacity: Int
  private var era: UInt = 0
  /// Records published and not yet acknowledged.
  private(set) var recordsInFlight = 0

  /// - Parameter capacity: records of one flight.
  init(capacity: Int) {
    precondition(capacity < 1 << 24)
    self.capacity = capacity
    openFlight = Flight(capacity: capacity, slot: 0)
    slots.append(openFlight)
    owner.flights.append(openFlight)
  }

  var isEmpty: Bool { first == order.count }

  /// The token of a record of a flight, the open one or one that was launched before its outputs were there.
  @inline(__always)
  func token(_ flight: Flight, record: Int) -> UInt { era << 48 | UInt(flight.slot) << 24 | UInt(record) }

  /// The flight and the place in it that a token names; nil for a flight that was abandoned since.
  @inline(__always)
  func find(_ token: UInt) -> (flight: Flight, record: Int)? {
    guard token >> 48 == era else { return nil }
    return (slots[Int(token >> 24 & 0xFF_FFFF)], Int(token & 0xFF_FFFF))
  }

  /// Puts the open flight in its place in the order of commits, and opens the next. Its outputs may be sent before or after.
  mutating func launch() {
    order.append(openFlight.slot)
    recordsInFlight += openFlight.pending
    if let slot = free.popLast() {
      openFlight = slots[slot]
    } else {
      openFlight = Flight(capacity: capacity, slot: slots.count)
      slots.append(openFlight)
      owner.flights.append(openFlight)
    }
  }

  /// An output of the record that `find` found is acknowledged; the answer is whether it was the last.
  @discardableResult
  @inline(__always)
  mutating func land(_ flight: Flight, record: Int) -> Bool {
    guard flight.land(record) else { return false }
    if flight != openFlight { recordsInFlight -= 1 }
    return true
  }

  /// Takes the oldest flight out if all its outputs are acknowledged, and hands its marks and its start over.
  mutating func retire(_ body: ([PartitionLedger.Mark], MonotonicTime) -> Void) -> Bool {
    guard first < order.count, slots[order[first]].pending == 0 else { return false }
    let slot = order[first]
    body(slots[slot].marks, slots[slot].launchedAt)
    slots[slot].clear()
    free.append(slot)
    first += 1
    if first == order.count {
      order.removeAll(keepingCapacity: true)
      first = 0
    } else if first > 1024 {
      order.removeFirst(first)
      first = 0
    }
    return true
  }

  /// Gives every record back: nothing of them will be acknowledged.
  mutating func abandon() {
    for flight in slots { flight.clear() }
    free = slots.indices.filter { $0 != openFlight.slot }
    order.removeAll(keepingCapacity: true)
    first = 0
    recordsInFlight = 0
    era = (era + 1) & 0xFFFF
  }
}
