import EventDecoding
import KafkaClient

/// What goes around an output's value: key, headers and timestamp, of predictions and of dead letters. One worker's; one thread.
///
/// Predictions have their source's key and `traceparent`, and say in `millrace-source` where that stands. What a replay publishes says so
/// in `millrace-replay`, and its predictions have their sources' timestamps.
final class OutputEnvelope {
  private let payload: DeadLetterPayload
  private let group: String
  private let replayName: [UInt8]?
  /// The value of the header `millrace-source`.
  @exclusivity(unchecked) private var source = ByteBuffer()

  /// - Parameters:
  ///   - group: the lane's, as dead letters name it.
  ///   - replay: the name of the replay that publishes; nil for a lane.
  init(group: String, payload: DeadLetterPayload, replay: String? = nil) {
    self.group = group
    self.payload = payload
    replayName = replay.map { Array($0.utf8) }
  }

  /// The headers of a record's prediction.
  /// - Parameter hasHeaders: of the record, which is not asked again: by now that would be a cache miss.
  @inline(__always)
  func predictionHeaders(of record: KafkaRecord, _ entry: PartitionTable.Entry, _ hasHeaders: Bool) -> RecordHeaders {
    source.removeAll()
    source.append(entry.sourcePrefix)
    source.append(record.offset)
    return predictionHeaders(carrying: record, hasHeaders)
  }

  /// The headers of the prediction of a record that came back as a dead letter.
  func predictionHeaders(of origin: DeadLetter.Origin, returnedBy letter: KafkaRecord) -> RecordHeaders {
    source.removeAll()
    source.append("\(origin.partition)/")
    source.append(origin.offset)
    return predictionHeaders(carrying: letter, true)
  }

  /// - Parameter record: whose trace goes on.
  @inline(__always)
  private func predictionHeaders(carrying record: KafkaRecord, _ hasHeaders: Bool) -> RecordHeaders {
    var headers = RecordHeaders(capacity: 3)
    headers.add("millrace-source", source.bytes)
    if let replayName { replayName.withUnsafeBytes { headers.add("millrace-replay", $0) } }
    if hasHeaders {
      if let value = record.header("traceparent") { headers.add("traceparent", value) }
      if let value = record.header("tracestate") { headers.add("tracestate", value) }
    }
    return headers
  }

  /// The timestamp of a record's prediction in milliseconds since 1970; 0 is the time at which it is sent.
  @inline(__always)
  func predictionTimestampMs(of record: KafkaRecord) -> Int64 { replayName == nil ? 0 : max(0, record.timestampMs) }

  /// The value of a record's dead letter, valid until the next call; nil is NULL.
  func deadLetterValue(of record: KafkaRecord, from source: TopicPartition, _ form: DeadLetter.Form) -> UnsafeRawBufferPointer? {
    form == .full ? payload.value(of: record, topic: source.topic) : nil
  }

  /// The headers of a record's dead letter, which tell the sizes of what it leaves out.
  func deadLetterHeaders(
    of record: KafkaRecord, from source: TopicPartition, _ stage: FailureStage, _ message: String, _ form: DeadLetter.Form
  ) -> RecordHeaders {
    let origin = DeadLetter.Origin(partition: source, offset: record.offset, timestampMs: record.timestampMs)
    var omitted = DeadLetter.Omitted(of: record, in: form)
    if form == .full, !payload.isFull { omitted.value = record.value?.count }
    return deadLetterHeaders(of: record, from: origin, stage, message, omitted)
  }

  /// The headers of a dead letter of a record that may have been one before.
  func deadLetterHeaders(
    of record: KafkaRecord, from origin: DeadLetter.Origin, _ stage: FailureStage, _ message: String, _ omitted: DeadLetter.Omitted
  ) -> RecordHeaders {
    var headers = DeadLetter.headers(of: record, from: origin, group: group, stage: stage, message: message, omitted: omitted)
    if let replayName { headers.add("millrace-replay", String(decoding: replayName, as: UTF8.self)) }
    return headers
  }
}
