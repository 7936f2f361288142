/// Why a worker takes no records, of all its partitions or of some, and what has to be said to the consumer so that it is so. Pure: it is
/// told what happens, and answers which partitions to pause and which to resume.
///
/// Reasons don't know of each other: a partition is read when none is left. librdkafka pauses partitions and not members, so what comes
/// with a rebalance is paused anew; and it never resumes what isn't paused, because librdkafka would drop what it has fetched of it.
struct IntakeGate {
  /// Why nothing is taken at all.
  struct LaneReasons: OptionSet {
    let rawValue: UInt8
    /// Someone has paused the lane.
    static let operatorsWish = LaneReasons(rawValue: 1)
    /// It is outside of its hours.
    static let hours = LaneReasons(rawValue: 2)
    /// Its model does not answer.
    static let model = LaneReasons(rawValue: 4)
  }

  /// Why nothing is taken of one partition.
  struct PartitionReasons: OptionSet {
    let rawValue: UInt8
    /// Records of it wait until they are due.
    static let pace = PartitionReasons(rawValue: 1)
    /// Its range is read to the end.
    static let endOfRange = PartitionReasons(rawValue: 2)
  }

  /// What the consumer has to be told. Partitions by the ledger's numbers.
  struct Action: Equatable {
    var pause: [Int] = []
    var resume: [Int] = []

    var isEmpty: Bool { pause.isEmpty && resume.isEmpty }
  }

  private struct Door {
    var isOwned = false
    var reasons: PartitionReasons = []
    /// As the consumer was told last.
    var isPaused = false
  }

  private var lane: LaneReasons = []
  private var doors: [Door] = []
  /// Something has happened since `action` was asked for.
  private(set) var hasChanged = false

  /// Whether nothing is taken at all.
  var isClosed: Bool { !lane.isEmpty }

  func isClosed(_ partition: Int, for reason: PartitionReasons) -> Bool {
    doors.indices.contains(partition) && doors[partition].reasons.contains(reason)
  }

  mutating func close(for reason: LaneReasons, _ isClosed: Bool) {
    if lane.contains(reason) == isClosed { return }
    if isClosed { lane.insert(reason) } else { lane.remove(reason) }
    hasChanged = true
  }

  mutating func close(_ partition: Int, for reason: PartitionReasons, _ isClosed: Bool = true) {
    if self.isClosed(partition, for: reason) == isClosed { return }
    open(through: partition)
    if isClosed { doors[partition].reasons.insert(reason) } else { doors[partition].reasons.remove(reason) }
    hasChanged = true
  }

  /// A partition is this worker's, and is being read: no reason of an earlier assignment holds.
  mutating func acquire(_ partition: Int) {
    open(through: partition)
    doors[partition] = Door(isOwned: true)
    hasChanged = true
  }

  /// A partition goes. librdkafka keeps its pause, and it would come back paused: so it has to be resumed first, if the answer is true.
  mutating func release(_ partition: Int) -> Bool {
    open(through: partition)
    defer { doors[partition] = Door() }
    return doors[partition].isPaused
  }

  /// The partition gives records, or is read anew: so it isn't paused, whatever was said before.
  mutating func isRead(_ partition: Int) {
    guard doors.indices.contains(partition), doors[partition].isPaused else { return }
    doors[partition].isPaused = false
    hasChanged = true
  }

  /// What has to be said now. The caller says it and then calls `said`; what can't be said is asked for again later.
  mutating func action() -> Action {
    var action = Action()
    guard hasChanged else { return action }
    hasChanged = false
    for (partition, door) in doors.enumerated() where door.isOwned {
      let isClosed = !lane.isEmpty || !door.reasons.isEmpty
      if isClosed, !door.isPaused { action.pause.append(partition) }
      if !isClosed, door.isPaused { action.resume.append(partition) }
    }
    return action
  }

  /// The consumer was told.
  mutating func said(_ action: Action) {
    for partition in action.pause { doors[partition].isPaused = true }
    for partition in action.resume { doors[partition].isPaused = false }
  }

  /// What could not be said is asked for again.
  mutating func sayAgain() { hasChanged = true }

  private mutating func open(through partition: Int) { while doors.count <= partition { doors.append(Door()) } }
}
