import KafkaClient

/// Outputs that a broker does not take, and the dead letters that go in their stead.
extension Publisher {
  func undelivered(_ flight: Flight, _ index: Int, _ token: UInt, _ error: KafkaError) {
    statistics.pulse.update { $0.produceError = "\(error)" }
    guard fault == nil, let record = flight.record(index) else { return }
    let source = record.topicPartition
    if isTransactional { return note(error, of: record, flight, index, source) }
    do throws(LaneFault) {
      if flight.outcome(index).stage == nil {
        try refused(record, flight, index, token, source, error)
      } else if error.code == .messageSizeTooLarge, flight.outcome(index) != .deadLetterWithoutValue {
        let stage = flight.outcome(index).stage ?? .publish
        flight.setOutcome(index, .deadLetterWithoutValue)
        try sendDeadLetter(record, stage, withoutValue(of: record, source), token: token, source: source, omittingValue: true)
      } else {
        throw LaneFault(lane: lane, message: unwritable(record, source, error))
      }
    } catch {
      fault = error
    }
  }

  /// There is no other place for a record whose dead letter is refused.
  private func unwritable(_ record: KafkaRecord, _ source: TopicPartition, _ error: KafkaError) -> String {
    "the dead letter of \(source)/\(record.offset) can't be written to topic \(deadLetters.name): \(error)\(error.advice)"
  }

  func withoutValue(of record: KafkaRecord, _ source: TopicPartition) -> FailureText {
    "the dead letter with its value was too large for topic \(deadLetters.name); the value stands at \(source)/\(record.offset)"
  }

  /// What will abort the transaction; nothing more can be written in it. What was refused for what it is must go another way next time.
  private func note(_ error: KafkaError, of record: KafkaRecord, _ flight: Flight, _ index: Int, _ source: TopicPartition) {
    guard error.isRefusalOfRecord else { return }
    let partition = flight.partition(index)
    let isPrediction = flight.outcome(index).stage == nil
    if isPrediction {
      refusals.note(
        .prediction(why: "the prediction can't be written to topic \(predictions.name): \(error)"), partition: partition,
        offset: record.offset)
    } else if error.code == .messageSizeTooLarge, refusals.of(partition: partition, offset: record.offset) != .deadLetter {
      refusals.note(.deadLetter, partition: partition, offset: record.offset)
    } else {
      fail(unwritable(record, source, error))
    }
  }

  /// Whether librdkafka takes no more because the transaction must be aborted, which its commit will say.
  func isDoomed(_ error: KafkaError) -> Bool { isTransactional && error.code == .state && !error.isFatal }

  /// A prediction that the broker won't have for what it is becomes a dead letter; any other failure is the lane's.
  func refused(
    _ record: KafkaRecord, _ flight: Flight, _ index: Int, _ token: UInt, _ source: TopicPartition, _ error: KafkaError
  ) throws(LaneFault) {
    guard error.isRefusalOfRecord else {
      throw LaneFault(
        lane: lane,
        message: "the prediction of \(source)/\(record.offset) can't be written to topic \(predictions.name): \(error)\(error.advice)")
    }
    flight.setOutcome(index, .deadLetterPublish)
    let message: FailureText = "the prediction can't be written to topic \(predictions.name): \(error)"
    try sendDeadLetter(record, .publish, message, token: token, source: source, omittingValue: false)
  }

  func sendDeadLetter(
    _ record: KafkaRecord, _ stage: FailureStage, _ message: FailureText, token: UInt, source: TopicPartition, omittingValue: Bool
  ) throws(LaneFault) {
    statistics.journal.note(deadLetterOf: source, offset: record.offset, stage: stage, reason: message.shown)
    var omittingValue = omittingValue
    while true {
      switch producer.produce(
        to: deadLetters, key: record.key, value: envelope.deadLetterValue(of: record, from: source, omittingValue: omittingValue),
        headers: envelope.deadLetterHeaders(of: record, from: source, stage, message.full, omittingValue: omittingValue), token: token)
      {
      case .accepted: return
      case .queueFull: try waitForRoom()
      case .rejected(let error) where isDoomed(error): return
      case .rejected(let error):
        guard error.code == .messageSizeTooLarge, !omittingValue else {
          throw LaneFault(lane: lane, message: unwritable(record, source, error))
        }
        omittingValue = true
      }
    }
  }
}
