import EventDecoding
import KafkaClient

/// Sends letters through a lane: scores them there, whichever lane their route would choose, and publishes what comes out. One thread.
///
/// A record that fails again becomes a new dead letter, with a higher count: behind the end that was fixed at the start.
final class LaneTarget: RedriveTarget {
  private let scoring: DryRunLane
  private let envelope: OutputEnvelope
  private let sender: RedriveSender
  private let predictions: ProducerTopic
  private let deadLetters: ProducerTopic

  init(_ lane: Lane, _ sender: RedriveSender) throws {
    scoring = try DryRunLane(lane)
    envelope = OutputEnvelope(group: lane.groupID, payload: try DeadLetterPayload(lane))
    self.sender = sender
    predictions = try sender.producer.topic(lane.delivery.predictionTopic)
    deadLetters = try sender.producer.topic(lane.delivery.deadLetterTopic)
  }

  func send(_ record: ReturnedRecord, token: UInt) throws -> RedriveOutcome? {
    let origin = record.origin
    guard let decoder = scoring.decoder(forTopic: origin.partition.topic) else { return nil }
    var members = ByteBuffer()
    let fault = record.withView { view in
      _ = decoder.route(view)
      return decoder.decode(row: 0, members: &members)
    }
    if let fault { return try deadLetter(record, .decode, scoring.lane.words(of: fault).full, token) }
    switch try scoring.score(members) {
    case .failure(let failure):
      let message = failure.error.map { scoring.lane.words(of: $0).full } ?? failure.message
      return try deadLetter(record, .score, message, token)
    case .success(let json):
      let isSent = try Array(json.utf8).withUnsafeBytes { value in
        try sender.send(to: predictions, key: record.key, value: value, token: token) {
          envelope.predictionHeaders(of: origin, returnedBy: record.letter)
        }
      }
      return isSent ? .predicted : nil
    }
  }

  private func deadLetter(_ record: ReturnedRecord, _ stage: FailureStage, _ message: String, _ token: UInt) throws -> RedriveOutcome? {
    // What the first letter left out, the second does too.
    let isSent = try sender.send(to: deadLetters, key: record.letter.key, value: record.letter.value, token: token) {
      envelope.deadLetterHeaders(of: record.letter, from: record.origin, stage, message, record.omitted)
    }
    return isSent ? .deadLettered : nil
  }
}
