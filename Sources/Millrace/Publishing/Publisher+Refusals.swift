import KafkaClient

/// A record of a flight, and the output that is sent for it.
struct Output {
  let record: KafkaRecord
  let flight: Flight
  let index: Int
  /// Comes back in its delivery report.
  let token: UInt

  /// Where the record stands. Makes a String.
  var source: TopicPartition { record.topicPartition }
}

/// Outputs that a topic does not take, and what goes in their stead.
extension Publisher {
  /// How the output of a record goes.
  func way(of output: Output) -> Refusals.Way {
    refusals.isEmpty
      ? Refusals.Way() : refusals.way(partition: output.flight.partition(output.index), offset: output.record.offset) ?? Refusals.Way()
  }

  /// Whether an output of the record was refused before, so that it has to be read again without company.
  func mustBeAlone(partition: Int, offset: Int64) -> Bool {
    isTransactional && refusals.way(partition: partition, offset: offset) != nil
  }

  func undelivered(_ flight: Flight, _ index: Int, _ token: UInt, _ error: KafkaError) {
    statistics.pulse.update { $0.produceError = "\(error)" }
    guard fault == nil, let record = flight.record(index) else { return }
    let output = Output(record: record, flight: flight, index: index, token: token)
    let value = producer.takeRefusedValue(of: token)
    guard error.isRefusalOfRecord else {
      // A transaction will be aborted, and its commit says so.
      if !isTransactional { fail(unwritable(output, error)) }
      return
    }
    if !refusals.isAlone {
      // A broker refuses batches: which of their records it means shows when each is sent alone.
      note(way(of: output), of: output)
      if !isTransactional { refusals.lonely.append(LonelyOutput(token: token, value: value ?? [])) }
      return
    }
    do throws(LaneFault) {
      let isPrediction = flight.outcome(index).stage == nil
      if isPrediction {
        note(Refusals.Way(prediction: unwritten(error)), of: output)
      } else {
        try takeSmallerForm(output, error)
      }
      if isTransactional { return }
      if isPrediction { try refused(output, error) } else { try sendLetterAgain(output) }
    } catch {
      fault = error
    }
  }

  private func note(_ way: Refusals.Way, of output: Output) {
    refusals.note(way, partition: output.flight.partition(output.index), offset: output.record.offset)
  }

  /// The record's dead letter goes in the form after the one that was refused.
  private func takeSmallerForm(_ output: Output, _ error: KafkaError) throws(LaneFault) {
    var way = way(of: output)
    guard error.code == .messageSizeTooLarge, let form = way.letter.smaller else {
      throw LaneFault(lane: lane, message: unwritable(output, error))
    }
    way.letter = form
    note(way, of: output)
  }

  /// Forgets what was refused of a record, whose output is acknowledged.
  func forgetRefusal(_ flight: Flight, _ index: Int) {
    guard let offset = flight.record(index)?.offset else { return }
    refusals.remove(partition: flight.partition(index), offset: offset)
  }

  // MARK: Words

  /// Why an output can't be written that has no other way.
  private func unwritable(_ output: Output, _ error: KafkaError) -> String {
    let isPrediction = output.flight.outcome(output.index).stage == nil
    let (what, topic) = isPrediction ? ("prediction", predictions) : ("dead letter", deadLetters)
    return "the \(what) of \(output.source)/\(output.record.offset) can't be written to topic \(topic.name): \(error)\(error.advice)"
  }

  private func unwritten(_ error: KafkaError) -> String { "the prediction can't be written to topic \(predictions.name): \(error)" }

  /// Why an output isn't sent at all.
  func tooLarge(_ topic: ProducerTopic, _ bytes: Int, _ limit: Int) -> KafkaError {
    KafkaError(.messageSizeTooLarge, reason: "it takes \(bytes) bytes, and max.message.bytes is \(limit)", context: "")
  }

  /// What a dead letter in a smaller form says behind its reason.
  private func omission(_ output: Output, _ form: DeadLetter.Form) -> FailureText {
    let place = "\(output.source)/\(output.record.offset)"
    return switch form {
    case .full: ""
    case .withoutValue: "; with its value the dead letter is too large for topic \(deadLetters.name): the value stands at \(place)"
    case .smallest: "; with its key and headers the dead letter is too large for topic \(deadLetters.name): the record stands at \(place)"
    }
  }

  // MARK: Sending

  /// Whether librdkafka takes no more because the transaction must be aborted, which its commit will say.
  func isDoomed(_ error: KafkaError) -> Bool { isTransactional && error.code == .state && !error.isFatal }

  /// A prediction that its topic won't have for what it is becomes a dead letter; any other failure is the lane's.
  func refused(_ output: Output, _ error: KafkaError) throws(LaneFault) {
    guard error.isRefusalOfRecord else { throw LaneFault(lane: lane, message: unwritable(output, error)) }
    try refused(output, why: unwritten(error))
  }

  func refused(_ output: Output, why: String) throws(LaneFault) {
    output.flight.setOutcome(output.index, .deadLetterPublish)
    try sendDeadLetter(of: output, .publish, FailureText(why))
  }

  /// Sends a dead letter in the largest form that its topic takes, as far as that is known.
  func sendDeadLetter(of output: Output, _ stage: FailureStage, _ reason: FailureText) throws(LaneFault) {
    let (record, source) = (output.record, output.source)
    statistics.journal.note(deadLetterOf: source, offset: record.offset, stage: stage, reason: reason.shown)
    if !isTransactional { refusals.letters[output.token] = Letter(stage: stage, reason: reason) }
    var form = way(of: output).letter
    while true {
      let value = envelope.deadLetterValue(of: record, from: source, form)
      let key = form == .smallest ? nil : record.key
      let message: FailureText = "\(reason)\(omission(output, form))"
      let headers = envelope.deadLetterHeaders(of: record, from: source, stage, message.full, form)
      let least = OutputLimits.leastBytes(keyAndValue: (key?.count ?? 0) + (value?.count ?? 0), headers: headers.bytes)
      if least > largest.deadLetter, let smaller = form.smaller {
        form = smaller
        continue
      }
      switch producer.produce(to: deadLetters, key: key, value: value, headers: headers, token: output.token) {
      case .accepted: return
      case .queueFull: try waitForRoom()
      case .rejected(let error) where isDoomed(error): return
      case .rejected(let error):
        guard error.code == .messageSizeTooLarge, let smaller = form.smaller else {
          throw LaneFault(lane: lane, message: unwritable(output, error))
        }
        form = smaller
      }
    }
  }

  private func sendLetterAgain(_ output: Output) throws(LaneFault) {
    let letter = refusals.letters[output.token] ?? Letter(stage: .publish, reason: "it failed")
    try sendDeadLetter(of: output, letter.stage, letter.reason)
  }

  /// Sends what was refused in company once more, each output alone. What doesn't get its turn before the broker has answered the others
  /// waits for the next call.
  func sendAlone(_ ledger: PartitionLedger) throws(LaneFault) {
    while let next = refusals.lonely.first, try waitForAnswers() {
      refusals.lonely.removeFirst()
      guard let (flight, index) = flights.find(next.token), let record = flight.record(index) else { continue }
      let output = Output(record: record, flight: flight, index: index, token: next.token)
      refusals.isAlone = true
      defer { refusals.isAlone = false }
      if flight.outcome(index).stage == nil {
        try sendAgain(output, next.value, ledger.entry(flight.partition(index)))
      } else {
        try sendLetterAgain(output)
      }
      // A refusal sends what goes in its stead from inside this.
      _ = try waitForAnswers()
    }
  }

  private func sendAgain(_ output: Output, _ value: [UInt8], _ entry: PartitionTable.Entry) throws(LaneFault) {
    let record = output.record
    let admission = value.withUnsafeBytes { value in
      producer.produce(
        to: predictions, key: record.key, value: value, headers: envelope.predictionHeaders(of: record, entry, record.hasHeaders),
        timestampMs: envelope.predictionTimestampMs(of: record), token: output.token)
    }
    switch admission {
    case .accepted: return
    case .queueFull: refusals.lonely.append(LonelyOutput(token: output.token, value: value))
    case .rejected(let error): try refused(output, error)
    }
  }

  /// Waits for the reports of all that is on its way. False if they take too long.
  private func waitForAnswers() throws(LaneFault) -> Bool {
    let deadline = MonotonicTime.now + .seconds(5)
    while producer.outQueueLength > 0 {
      try waitForRoom()
      if MonotonicTime.now >= deadline { return producer.outQueueLength == 0 }
    }
    return true
  }
}
