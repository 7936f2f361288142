import CRdKafka

/// What became of one message that `produce` accepted: each has exactly one report. Trivial, and valid until the producer is closed.
package struct DeliveryReport {
  /// The token that `produce` was given for this message.
  package let token: UInt
  package let partition: Int32
  private let code: rd_kafka_resp_err_t
  /// The offset at which the broker put it; -1 where it doesn't say.
  package let offset: Int64
  private let topic: OpaquePointer?

  init(_ message: UnsafePointer<rd_kafka_message_t>) {
    token = UInt(bitPattern: message.pointee._private)
    partition = message.pointee.partition
    code = message.pointee.err
    offset = message.pointee.offset
    topic = message.pointee.rkt
  }

  /// Whether a broker acknowledged the message.
  package var isAcknowledged: Bool { code == RD_KAFKA_RESP_ERR_NO_ERROR }

  /// Why no broker acknowledged the message; nil if one did.
  package var error: KafkaError? {
    if isAcknowledged { return nil }
    let name = topic.map { String(cString: rd_kafka_topic_name($0)) } ?? "?"
    return KafkaError(code, context: "delivering to \(name)/\(partition)")
  }
}

/// The answer to a call of `produce`.
package enum Admission {
  /// In the queue; a delivery report follows.
  case accepted
  /// No room. Poll for delivery reports, then produce the message again.
  case queueFull
  /// It can't be produced; no report follows.
  case rejected(KafkaError)
}

/// A topic to produce to. Belongs to its producer, and ends with it.
package struct ProducerTopic {
  let handle: OpaquePointer

  package var name: String { String(cString: rd_kafka_topic_name(handle)) }
}
