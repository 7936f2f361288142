import KafkaClient

/// Why partitions can't be read to their ends.
struct PartitionFault: Error, CustomStringConvertible {
  enum Kind: Equatable {
    /// The topic or the partition is not there, or not any more.
    case missing(KafkaError)
    /// The log ends or begins before what was read of it: the topic was made anew.
    case replaced
    /// Nothing came for so long. The error is the last that librdkafka told, if it told any.
    case silent(Duration, KafkaError?)
    /// The brokers refuse it, or the client can't go on.
    case refused(KafkaError)
  }

  let kind: Kind
  /// The partition that can't be read; nil where it goes for all.
  let partition: TopicPartition?
  /// How far the partition was read.
  let progress: PartitionProgress?

  /// What is wrong, without the place.
  var reason: String {
    switch kind {
    case .replaced: "the topic was made anew: its records are others than those that were to be read"
    case .silent(let time, let error): "nothing came for \(time)" + silence(error)
    case .missing(let error), .refused(let error): "\(error)"
    }
  }

  private func silence(_ error: KafkaError?) -> String {
    if let error { return ": \(error)" }
    return progress?.isAtLogEnd == true ? "; a transaction that is still open holds back what follows" : "; no broker answered"
  }

  /// Partition and offset, for messages: `events/3 at offset 17 of 900`.
  var place: String {
    guard let partition else { return "all partitions" }
    return "\(partition)" + (progress.map { " at offset \($0.position) of \($0.end)" } ?? "")
  }

  var description: String { "can't read \(place): \(reason)" }
}
