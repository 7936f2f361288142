import KafkaClient

/// A way in which letters leave: back to their topics, or through a lane. Both hand one record to the producer, or know at once that it
/// can't be sent.
protocol RedriveTarget {
  /// Sends the record of a letter.
  /// - Returns: what the letter becomes; nil if the broker would refuse it for what it is.
  func send(_ record: ReturnedRecord, token: UInt) throws -> RedriveOutcome?
}

/// What a letter becomes.
enum RedriveOutcome {
  /// A record of its source topic.
  case redriven
  /// A prediction of a lane.
  case predicted
  /// A dead letter once more.
  case deadLettered
}

/// The producer of a redrive. One thread.
final class RedriveSender {
  let producer: KafkaProducer

  init(_ producer: KafkaProducer) { self.producer = producer }

  /// - Returns: false if the record is refused for what it is.
  func send(
    to topic: ProducerTopic, partition: Int32 = -1, key: UnsafeRawBufferPointer?, value: UnsafeRawBufferPointer?, timestampMs: Int64 = 0,
    token: UInt, headers: () -> RecordHeaders
  ) throws(RedriveFault) -> Bool {
    while true {
      switch producer.produce(
        to: topic, partition: partition, key: key, value: value, headers: headers(), timestampMs: timestampMs, token: token)
      {
      case .accepted: return true
      case .queueFull: producer.poll(timeoutMs: 100)
      case .rejected(let error):
        if error.isRefusalOfRecord { return false }
        throw RedriveFault(description: "can't write to topic \(topic.name): \(error)")
      }
    }
  }
}

/// Sends letters back to where their records came from: into their partition, with their key, headers and timestamp.
struct SourceTarget: RedriveTarget {
  let sender: RedriveSender
  /// How many partitions each source topic has.
  let partitions: [String: Int]
  let restamps: Bool

  func send(_ record: ReturnedRecord, token: UInt) throws -> RedriveOutcome? {
    let place = record.origin.partition
    // A topic that was made anew with fewer partitions leaves the choice to the partitioner.
    let partition = Int(place.partition) < partitions[place.topic] ?? 0 ? place.partition : -1
    let isSent = try sender.send(
      to: try sender.producer.topic(place.topic), partition: partition, key: record.key, value: record.value,
      timestampMs: restamps ? 0 : max(0, record.origin.timestampMs), token: token, headers: record.headers)
    return isSent ? .redriven : nil
  }
}
