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
    /// librdkafka's own, as it sends them.
    var statistics = Statistics()
  }

  struct Statistics: Equatable {
    var consumer = ""
    var producer = ""
  }

  private let state = Mutex(State())
  /// The last statistics that somebody asked for, and what they say. Only readers meet at this lock: the worker parses nothing.
  private let parsed = Mutex((text: Statistics(), figures: KafkaStatistics()))

  var current: State { state.withLock { $0 } }

  func note(partitions: [PartitionStatus]) { state.withLock { $0.partitions = partitions } }

  func note(error message: String) {
    state.withLock { state in
      if state.errors.count == Self.length { state.errors.removeFirst() }
      state.errors.append(LaneStatus.Note(time: Date(), message: message))
    }
  }

  /// - Parameter reason: without values of the event: pages show it.
  func note(deadLetterOf source: TopicPartition, offset: Int64, stage: FailureStage, reason: String) {
    let sample = LaneStatus.DeadLetterSample(
      time: Date(), topic: source.topic, partition: Int(source.partition), offset: offset, stage: stage, reason: String(reason.prefix(300)))
    state.withLock { state in
      if state.deadLetters.count == Self.length { state.deadLetters.removeFirst() }
      state.deadLetters.append(sample)
    }
  }

  func note(consumerStatistics text: String) { state.withLock { $0.statistics.consumer = text } }
  func note(producerStatistics text: String) { state.withLock { $0.statistics.producer = text } }

  /// What librdkafka said last. Parsed once, however many ask.
  var kafka: KafkaStatistics {
    let text = state.withLock { $0.statistics }
    return parsed.withLock { parsed in
      if parsed.text != text { parsed = (text, KafkaStatistics(consumer: text.consumer, producer: text.producer)) }
      return parsed.figures
    }
  }
}

/// A partition as the worker that reads it saw it last.
public struct PartitionStatus: Sendable, Equatable {
  /// The partition's topic.
  public let topic: String
  /// Its number.
  public let partition: Int
  /// The offset behind the last record that was handled.
  public let position: Int64
  /// The offset that the next record gets, as of the last fetch; nil before the first.
  public let end: Int64?
  /// Age of the last record that was handled, where others wait behind it; 0 where none does.
  public let lagSeconds: Double

  /// How many records wait, as far as is known.
  public var lag: Int64 { end.map { max(0, $0 - position) } ?? 0 }
}

/// How a lane is, besides its figures.
public struct LaneStatus: Sendable {
  /// Something that went wrong, and when.
  public struct Note: Sendable {
    /// When it was noted.
    public let time: Date
    /// What was noted.
    public let message: String
  }

  /// A dead letter, without what it carries.
  public struct DeadLetterSample: Sendable {
    /// When it was noted.
    public let time: Date
    /// The topic of the record.
    public let topic: String
    /// Its partition.
    public let partition: Int
    /// Its offset.
    public let offset: Int64
    /// The stage that failed.
    public let stage: FailureStage
    /// Why, without values of the event.
    public let reason: String
  }

  /// The lane's name.
  public let name: String
  /// As of at most a second ago; nil before the lanes run.
  public let health: LaneHealth?
  /// Whether it was paused, and not resumed.
  public let isPaused: Bool
  /// The partitions that its workers have, by topic and number.
  public let partitions: [PartitionStatus]
  /// The last ones, oldest first.
  public let errors: [Note]
  /// The last dead letters, oldest first.
  public let deadLetters: [DeadLetterSample]
  package let kafka: KafkaStatistics

  /// Whether every worker has been given its share of the partitions.
  public var isAssigned: Bool { health?.isAssigned ?? false }
  /// Whether a broker answers.
  public var isConnected: Bool { health?.isConnected ?? false }

  /// What stands still. A paused lane is meant to.
  public var stalls: [Stall] { isPaused ? [] : health?.stalls ?? [] }

  /// Why it takes no records: its model does not answer. From that moment on, so that what deploys a model that can't run stops there.
  public var waits: String? { health?.waits }
  /// Topics that it reads and the brokers don't know.
  public var missingTopics: [String] { health?.missingTopics ?? [] }

  /// Whether the lane does what it is there for.
  public var isReady: Bool { isAssigned && isConnected && stalls.isEmpty && waits == nil && missingTopics.isEmpty }

  init(_ lane: String, _ workers: [WorkerStatistics], health: LaneHealth?, isPaused: Bool) {
    let states = workers.map(\.journal.current)
    name = lane
    self.health = health
    self.isPaused = isPaused
    partitions = states.flatMap(\.partitions).sorted { ($0.topic, $0.partition) < ($1.topic, $1.partition) }
    errors = Array(states.flatMap(\.errors).sorted { $0.time < $1.time }.suffix(WorkerJournal.length))
    deadLetters = Array(states.flatMap(\.deadLetters).sorted { $0.time < $1.time }.suffix(WorkerJournal.length))
    kafka = workers.reduce(into: KafkaStatistics()) { $0.add($1.journal.kafka) }
  }
}
