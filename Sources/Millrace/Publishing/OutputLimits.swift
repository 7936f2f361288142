import KafkaClient

/// How large the outputs of a lane may be: `max.message.bytes` of their topics, as far as a broker tells.
package struct OutputLimits: Equatable, Sendable {
  /// Bytes by topic. One that nobody may ask about is absent.
  private var bytes: [String: Int]

  package static let unknown = OutputLimits([:])

  package init(_ bytes: [String: Int]) { self.bytes = bytes }

  /// Bytes of the largest record batch that a topic takes; nil where that isn't known.
  subscript(topic: String) -> Int? { bytes[topic] }

  mutating func merge(_ other: OutputLimits) { bytes.merge(other.bytes) { min($0, $1) } }

  /// What a record batch has around its records, and then some.
  private static let batchMargin = 128

  /// librdkafka's `batch.size` for a producer of these topics: a batch of records each of which a topic takes must not be refused as a
  /// whole. nil where its own is small enough.
  func batchSize(for topics: [String]) -> Int? {
    guard let smallest = topics.compactMap({ bytes[$0] }).min(), smallest - Self.batchMargin < Self.defaultBatchSize else { return nil }
    return max(1, smallest - Self.batchMargin)
  }

  private static let defaultBatchSize = 1_000_000

  /// The least that an uncompressed record takes with its batch: 61 bytes of the batch, and 7 lengths and fields of a byte each.
  /// See "Record Batch" in Kafka's protocol documentation, message format 2.
  @inline(__always)
  static func leastBytes(keyAndValue: Int, headers: Int) -> Int { keyAndValue + headers + 68 }
}
