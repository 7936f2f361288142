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
  /// - Parameter omittingValue: the broker found it too large with the value.
  func deadLetterValue(of record: KafkaRecord, from source: TopicPartition, omittingValue: Bool) -> UnsafeRawBufferPointer? {
    omittingValue ? nil : payload.value(of: record, topic: source.topic)
  }

  /// The headers of a record's dead letter.
  /// - Parameter omittingValue: as for its value, whose size they tell where it isn't there.
  func deadLetterHeaders(
    of record: KafkaRecord, from source: TopicPartition, _ stage: FailureStage, _ message: String, omittingValue: Bool
  ) -> RecordHeaders {
    let origin = DeadLetter.Origin(partition: source, offset: record.offset, timestampMs: record.timestampMs)
    let isOmitted = omittingValue || (record.value != nil && !payload.isFull)
    return deadLetterHeaders(of: record, from: origin, stage, message, omittedBytes: isOmitted ? record.value?.count ?? 0 : nil)
  }

  /// The headers of a dead letter of a record that may have been one before.
  /// - Parameter omittedBytes: the size of the value, if the dead letter goes without.
  func deadLetterHeaders(
    of record: KafkaRecord, from origin: DeadLetter.Origin, _ stage: FailureStage, _ message: String, omittedBytes: Int?
  ) -> RecordHeaders {
    var headers = DeadLetter.headers(
      of: record, from: origin, group: group, stage: stage, message: message, omittedBytes: omittedBytes)
    if let replayName { headers.add("millrace-replay", String(decoding: replayName, as: UTF8.self)) }
    return headers
  }
}
