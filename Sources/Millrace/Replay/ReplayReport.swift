import KafkaClient

/// The report of a run, with what only a replay has.
package struct ReplayReport: Encodable, Sendable {
  package struct Partition: Encodable, Sendable {
    package let topic: String
    package let partition: Int32
    /// The range, and the next offset to read. Before `to` where the replay was stopped.
    package let from, to, next: Int64
  }

  package struct Details: Encodable, Sendable {
    package let name, group, output, deadLetters: String
    /// It went on where an earlier process had stopped.
    package let resumed: Bool
    package let finished: Bool
    /// Offsets in the ranges, and how many of them are left.
    package let offsets, left: Int64
    package let partitions: [Partition]

    enum CodingKeys: String, CodingKey {
      case name, group, output, resumed, finished, offsets, left, partitions
      case deadLetters = "dead_letters"
    }
  }

  package let run: RunReport
  package let replay: Details

  init(_ plan: Replay, run: RunReport, main: LaneSnapshot, mainLane: String) {
    let shares = plan.session.shares.sorted { $0.key < $1.key }
    replay = Details(
      name: plan.settings.name, group: plan.group, output: plan.predictionTopic, deadLetters: plan.deadLetterTopic,
      resumed: plan.isResumed, finished: shares.allSatisfy(\.value.isDone), offsets: shares.reduce(0) { $0 + $1.value.range.count },
      left: shares.reduce(0) { $0 + $1.value.left },
      partitions: shares.map { place, share in
        Partition(
          topic: place.topic, partition: place.partition, from: share.range.from, to: share.range.to, next: share.next)
      })
    var lanes = plan.session.snapshots()
    let guests = lanes.values
    // The worker counts what it reads for all; its own lane's are those that no guest has.
    var own = main
    own.consumed -= main.skipped + guests.reduce(0) { $0 + $1.consumed }
    own.skipped = 0
    lanes[mainLane] = own
    self.run = RunReport(duration: run.duration, consumed: main.consumed, skipped: main.skipped, lanes: lanes)
  }

  package func encode(to encoder: any Encoder) throws {
    try run.encode(to: encoder)
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(replay, forKey: .replay)
  }

  private enum Key: String, CodingKey {
    case replay
  }
}
