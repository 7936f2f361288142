import KafkaClient

/// Reads single records of source topics again, for letters that came without their value. One thread.
final class SourceReader {
  private static let patience = Duration.seconds(20)
  private let consumer: KafkaConsumer
  private var isGone = false
  private var fault: KafkaError?

  init(_ properties: KafkaProperties, log: ClientLog) throws(KafkaError) {
    var properties = properties
    // An offset that doesn't exist any more is an answer, not a reason to read elsewhere. One record is wanted, not what follows.
    properties["auto.offset.reset"] = "error"
    properties["queued.min.messages"] = "1"
    consumer = try KafkaConsumer(properties, log: log.write)
    consumer.onError = { [unowned self] error, _ in
      if Self.gone.contains(error.code) { isGone = true } else { fault = error }
    }
    consumer.onEndOfPartition = { [unowned self] _, _ in isGone = true }
  }

  private static let gone: Set<KafkaError.Code> = [
    .autoOffsetReset, .offsetOutOfRange, .unknownTopic, .unknownTopicOrPartition, .unknownPartition,
  ]

  /// The record that a letter stands for; nil if it isn't there any more. The caller owns it.
  func original(of record: ReturnedRecord) throws(RedriveFault) -> KafkaRecord? {
    let place = record.origin.partition
    (isGone, fault) = (false, nil)
    do throws(KafkaError) {
      try consumer.assign([PartitionOffset(place, offset: record.origin.offset)])
    } catch {
      throw RedriveFault(description: "can't read \(place)/\(record.origin.offset) again: \(error)")
    }
    defer { try? consumer.unassign() }
    let deadline = MonotonicTime.now + Self.patience
    while !isGone {
      guard MonotonicTime.now < deadline, fault?.isFatal != true else {
        let reason = fault.map { ": \($0)" } ?? ": no broker answered within \(Self.patience)"
        throw RedriveFault(description: "can't read \(place)/\(record.origin.offset) again\(reason)")
      }
      if let found = poll(place) { return isOriginal(found, of: record) ? found : give(back: found) }
    }
    return nil
  }

  func close() { consumer.close() }

  private func poll(_ place: TopicPartition) -> KafkaRecord? {
    withUnsafeTemporaryAllocation(of: KafkaRecord.self, capacity: 1) { buffer in
      guard consumer.poll(into: buffer, timeoutMs: 50) == 1 else { return nil }
      return buffer[0].topicPartition == place ? buffer[0] : give(back: buffer[0])
    }
  }

  private func give(back record: KafkaRecord) -> KafkaRecord? {
    record.destroy()
    return nil
  }

  /// A topic that was made anew has another record there, and a compacted one has the next.
  private func isOriginal(_ found: KafkaRecord, of record: ReturnedRecord) -> Bool {
    guard found.offset == record.origin.offset, found.value?.count ?? 0 == record.omittedBytes else { return false }
    switch (found.key, record.letter.key) {
    case (nil, nil): return true
    case (let found?, let wanted?): return found.elementsEqual(wanted)
    default: return false
    }
  }
}
