import EventDecoding
import KafkaClient

/// Hands the outputs of one lane's records to the publisher, and ends the lane when too many of them are dead letters. One thread.
final class StageOutputs {
  /// The prediction that is being written.
  @exclusivity(unchecked) var json = ByteBuffer()
  private let lane: Lane
  private let publisher: Publisher
  private let ledger: PartitionLedger
  @exclusivity(unchecked) private var limits: DeadLetterLimits

  init(_ lane: Lane, _ publisher: Publisher, _ ledger: PartitionLedger) {
    self.lane = lane
    self.publisher = publisher
    self.ledger = ledger
    limits = lane.scoring.deadLetterLimits
  }

  /// A record is through this stage, which ends a row of dead letters there.
  @inline(__always)
  func passed(_ stage: FailureStage) {
    if limits.isOn { limits.passed(stage) }
  }

  /// Sends what was written as the prediction of a record.
  @inline(__always)
  func predict(_ place: Int, of flight: Flight, hasHeaders: Bool) throws(LaneFault) {
    passed(.score)
    try publisher.predict(place, of: flight, value: json.bytes, entry: ledger.entry(flight.partition(place)), hasHeaders: hasHeaders)
  }

  /// Makes a dead letter of a record.
  /// - Throws: where they are too many, and where it can't be written.
  func reject(_ place: Int, of flight: Flight, _ stage: FailureStage, _ message: FailureText) throws(LaneFault) {
    // One that was given back meanwhile has no output, and counts for nothing.
    guard flight.record(place) != nil else { return }
    let entry = ledger.entry(flight.partition(place))
    try publisher.reject(place, of: flight, stage, message)
    guard limits.isOn, let limit = limits.failed(stage) else { return }
    let offset = flight.record(place).map { "/\($0.offset)" } ?? ""
    throw LaneFault(
      lane: lane.name,
      text: """
        \(limit) at stage \(stage.rawValue), the last of them \(entry.partition)\(offset): \(message). \
        Mend the cause and start the lane again, or raise the limit under dead_letter
        """)
  }

  /// Gives a record back that gets no output.
  func drop(_ place: Int, of flight: Flight) { publisher.drop(place, of: flight) }
}
