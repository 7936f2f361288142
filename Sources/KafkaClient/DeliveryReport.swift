import CRdKafka

/// What became of one message: every accepted one has exactly one report.
public struct DeliveryReport {
  /// What `produce` was given for this message.
  public let token: UInt
  /// nil: a broker acknowledged it.
  public let error: KafkaError?
  public let partition: Int32
  /// Where the broker put it; -1 where it doesn't say.
  public let offset: Int64
}

/// What became of a call to `produce`.
public enum Admission {
  /// In the queue; a delivery report follows.
  case accepted
  /// No room. Poll for delivery reports, then produce the message again.
  case queueFull
  /// It can't be produced; no report follows.
  case rejected(KafkaError)
}

/// A topic to produce to. Belongs to its producer, and ends with it.
public struct ProducerTopic {
  let handle: OpaquePointer

  public var name: String { String(cString: rd_kafka_topic_name(handle)) }
}
