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
  /// The slot of `openFlight`.
  private(set) var open: Int
  /// Records published and not yet acknowledged.
  private(set) var recordsInFlight = 0

  /// - Parameter capacity: records of one flight.
  init(capacity: Int) {
    precondition(capacity < 1 << 24)
    self.capacity = capacity
    openFlight = Flight(capacity: capacity)
    slots.append(openFlight)
    owner.flights.append(openFlight)
    open = 0
  }

  var isEmpty: Bool { first == order.count }

  /// The token of a record of the open flight.
  @inline(__always)
  func token(record: Int) -> UInt { era << 48 | UInt(open) << 24 | UInt(record) }

  /// The flight and the place in it that a token names; nil for a flight that was abandoned since.
  @inline(__always)
  func find(_ token: UInt) -> (flight: Flight, record: Int)? {
    guard token >> 48 == era else { return nil }
    return (slots[Int(token >> 24 & 0xFF_FFFF)], Int(token & 0xFF_FFFF))
  }

  /// Sends the open flight on its way and opens the next.
  mutating func launch() {
    order.append(open)
    recordsInFlight += openFlight.pending
    if let slot = free.popLast() {
      open = slot
    } else {
      slots.append(Flight(capacity: capacity))
      owner.flights.append(slots[slots.count - 1])
      open = slots.count - 1
    }
    openFlight = slots[open]
  }

  /// The output of the record that `find` found is acknowledged.
  @inline(__always)
  mutating func land(_ flight: Flight, record: Int) {
    flight.land(record)
    if flight != openFlight { recordsInFlight -= 1 }
  }

  /// Takes the oldest flight out if all its outputs are acknowledged, and hands its marks and its start over.
  mutating func retire(_ body: ([OffsetTracker.Mark], MonotonicTime) -> Void) -> Bool {
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
    free = slots.indices.filter { $0 != open }
    order.removeAll(keepingCapacity: true)
    first = 0
    recordsInFlight = 0
    era = (era + 1) & 0xFFFF
  }
}
