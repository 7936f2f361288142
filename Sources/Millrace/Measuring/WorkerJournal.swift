import Foundation
import KafkaClient
import Synchronization

/// What a worker notes now and then, for whoever asks how it is: its partitions, its last errors, samples of its dead letters.
/// The worker writes about once a second and with each dead letter, never with each record; any thread reads.
final class WorkerJournal: Sendable {
  /// Entries kept of each kind.
  static let length = 20

  struct State {
    var partitions: [PartitionStatus] = []
    var errors: [LaneStatus.Note] = []
    var deadLetters: [LaneStatus.DeadLetterSample] = []
    var isConnected = false
    /// librdkafka's own, as it sends them: read when somebody asks.
    var consumerStatistics = ""
    var producerStatistics = ""
  }

  private let state = Mutex(State())

  var current: State { state.withLock { $0 } }

  func note(partitions: [PartitionStatus]) { state.withLock { $0.partitions = partitions } }

  func note(isConnected: Bool) { state.withLock { $0.isConnected = isConnected } }

  func note(error message: String) {
    state.withLock { state in
      if state.errors.count == Self.length { state.errors.removeFirst() }
      state.errors.append(LaneStatus.Note(time: Date(), message: message))
    }
  }

  func note(deadLetterOf source: TopicPartition, offset: Int64, stage: FailureStage, reason: String) {
    let sample = LaneStatus.DeadLetterSample(
      time: Date(), topic: source.topic, partition: Int(source.partition), offset: offset, stage: stage, reason: String(reason.prefix(300)))
    state.withLock { state in
      if state.deadLetters.count == Self.length { state.deadLetters.removeFirst() }
      state.deadLetters.append(sample)
    }
  }

  func note(consumerStatistics text: String) {
    state.withLock { state in
      state.consumerStatistics = text
      // One look at the text is enough to tell; the rest waits until somebody asks.
      state.isConnected = text.contains("\"state\":\"UP\"")
    }
  }

  func note(producerStatistics text: String) { state.withLock { $0.producerStatistics = text } }
}

/// A partition as the worker that reads it saw it last.
public struct PartitionStatus: Sendable, Equatable {
  public let topic: String
  public let partition: Int
  /// The offset behind the last record that was handled.
  public let position: Int64
  /// The offset that the next record gets, as of the last fetch; nil before the first.
  public let end: Int64?
  /// Age of the last record that was handled, where others wait behind it; 0 where none does.
  public let lagSeconds: Double
  /// How long records have waited without one being handled.
  public let stalledSeconds: Double

  /// Records that wait, as far as is known.
  public var lag: Int64 { end.map { max(0, $0 - position) } ?? 0 }
}

/// How a lane is, besides its figures.
public struct LaneStatus: Sendable {
  /// Something that went wrong, and when.
  public struct Note: Sendable {
    public let time: Date
    public let message: String
  }

  /// A dead letter, without what it carries.
  public struct DeadLetterSample: Sendable {
    public let time: Date
    public let topic: String
    public let partition: Int
    public let offset: Int64
    public let stage: FailureStage
    public let reason: String

    fileprivate var withoutValues: Self {
      Self(
        time: time, topic: topic, partition: partition, offset: offset, stage: stage, reason: FailureReason.withoutValues(reason))
    }
  }

  public let name: String
  /// Every worker has been given its share of the partitions.
  public let isAssigned: Bool
  /// Every worker's consumer has a broker that answers.
  public let isConnected: Bool
  public let isPaused: Bool
  /// Seconds since the slowest worker last took a turn; a worker that hangs shows here.
  public let turnAgeSeconds: Double
  public let partitions: [PartitionStatus]
  /// The last ones, oldest first.
  public let errors: [Note]
  public let deadLetters: [DeadLetterSample]
  public let kafka: KafkaStatistics

  /// Records that wait and aren't taken, or a worker that doesn't turn, for so long, is a lane that stands still.
  public static let stallSeconds = 30.0

  /// The partitions whose records wait and aren't taken. A paused lane's are meant to.
  public var stalledPartitions: [PartitionStatus] { isPaused ? [] : partitions.filter { $0.stalledSeconds > Self.stallSeconds } }

  public var isStalled: Bool { turnAgeSeconds > Self.stallSeconds || !stalledPartitions.isEmpty }

  /// Whether the lane does what it is there for.
  public var isReady: Bool { isAssigned && isConnected && !isStalled }

  init(_ lane: String, _ workers: [WorkerStatistics], isPaused: Bool, now: MonotonicTime = .now) {
    let states = workers.map(\.journal.current)
    name = lane
    isAssigned = workers.allSatisfy { $0.value(.rebalances) > 0 }
    isConnected = states.allSatisfy(\.isConnected)
    self.isPaused = isPaused
    turnAgeSeconds = workers.map { $0.turnAge(at: now) }.max() ?? 0
    partitions = states.flatMap(\.partitions).sorted { ($0.topic, $0.partition) < ($1.topic, $1.partition) }
    errors = Array(states.flatMap(\.errors).sorted { $0.time < $1.time }.suffix(WorkerJournal.length))
    // Here rather than with each dead letter: there may be many, and few are looked at.
    deadLetters = states.flatMap(\.deadLetters).sorted { $0.time < $1.time }.suffix(WorkerJournal.length).map(\.withoutValues)
    kafka = states.reduce(into: KafkaStatistics()) { sum, state in
      sum.add(consumer: state.consumerStatistics)
      sum.add(producer: state.producerStatistics)
    }
  }
}
