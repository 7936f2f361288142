import KafkaClient

/// Reads single records of source topics again, for letters that came without their value. One thread.
final class SourceReader {
  private let reader: PartitionReader

  init(_ properties: KafkaProperties, log: ClientLog) throws(KafkaError) {
    var properties = properties
    // One record is wanted, not what follows.
    properties["queued.min.messages"] = "1"
    reader = try PartitionReader(properties, patience: .seconds(20), log: log)
  }

  /// The record that a letter stands for; nil if it isn't there any more. The caller owns it.
  func original(of record: ReturnedRecord) throws(RedriveFault) -> KafkaRecord? {
    let (place, offset) = (record.origin.partition, record.origin.offset)
    guard offset < .max else { return nil }
    defer { reader.end() }
    do throws(PartitionFault) {
      try reader.begin([place: offset..<offset + 1])
      while !reader.hasReachedEnds && !isBehindLog(offset) {
        if let found = try poll() { return isOriginal(found, of: record) ? found : give(back: found) }
      }
      return nil
    } catch {
      switch error.kind {
      case .missing, .replaced: return nil
      case .silent, .refused: throw RedriveFault(description: "can't read \(place)/\(offset) again: \(error.reason)")
      }
    }
  }

  func close() { reader.close() }

  /// Whether the log ends before this offset: the topic was made anew, and has not come that far.
  private func isBehindLog(_ offset: Int64) -> Bool {
    reader.progress.contains { $0.progress.isAtLogEnd && $0.progress.position <= offset }
  }

  private func poll() throws(PartitionFault) -> KafkaRecord? {
    var record: KafkaRecord?
    try withUnsafeTemporaryAllocation(of: KafkaRecord.self, capacity: 1) { (buffer) throws(PartitionFault) in
      if try reader.poll(into: buffer, timeoutMs: 50) == 1 { record = buffer[0] }
    }
    return record
  }

  private func give(back record: KafkaRecord) -> KafkaRecord? {
    record.destroy()
    return nil
  }

  /// Whether a record is the one that the letter stands for: a topic that was made anew has another there, and a compacted one the next.
  private func isOriginal(_ found: KafkaRecord, of record: ReturnedRecord) -> Bool {
    let omitted = record.omitted
    guard found.offset == record.origin.offset, omitted.value == nil || found.value?.count ?? 0 == omitted.value else { return false }
    if let bytes = omitted.key { return found.key?.count ?? 0 == bytes }
    switch (found.key, record.letter.key) {
    case (nil, nil): return true
    case (let found?, let wanted?): return found.elementsEqual(wanted)
    default: return false
    }
  }
}
