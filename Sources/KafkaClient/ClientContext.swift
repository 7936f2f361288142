import CRdKafka

/// The object behind the opaque pointer of one librdkafka client: its callbacks find through it where the log goes and whose closures to
/// run. The log, with its secrets, is the only part that other threads use.
final class ClientContext {
  private let log: @Sendable (KafkaLogLine) -> Void
  let secrets: SecretMask
  /// A producer's delivery reports that are not handed over yet, freed with this; nil for other clients.
  private let pending: UnsafeMutablePointer<PendingReports>?
  /// Where a consumer stands in its group; nil for other clients.
  let membership: Membership?
  /// Whether librdkafka's debug lines go to the log. They are read here in any case.
  private let isDebugging: Bool
  /// The owner of the client, set once it is made. Callbacks come from calls that the owner makes, so it lives.
  unowned(unsafe) var consumer: KafkaConsumer?
  unowned(unsafe) var producer: KafkaProducer?
  unowned(unsafe) var admin: KafkaAdmin?

  init(
    secrets: SecretMask, membership: Membership? = nil, pending: UnsafeMutablePointer<PendingReports>? = nil, isDebugging: Bool = true,
    log: @escaping @Sendable (KafkaLogLine) -> Void
  ) {
    self.secrets = secrets
    self.pending = pending
    self.membership = membership
    self.isDebugging = isDebugging
    self.log = log
  }

  deinit {
    pending?.pointee.free()
    pending?.deinitialize(count: 1)
    pending?.deallocate()
  }

  /// Makes this the opaque pointer of `configuration`, and sets its log callback. The context must outlive the client.
  func install(in configuration: borrowing ClientConfiguration) {
    rd_kafka_conf_set_opaque(configuration.handle, Unmanaged.passUnretained(self).toOpaque())
    rd_kafka_conf_set_log_cb(configuration.handle) { handle, level, facility, message in
      guard let handle, let context = ClientContext.of(rd_kafka_opaque(handle)) else { return }
      if let membership = context.membership, let facility, let message, String(cString: facility) == Membership.facility {
        membership.note(String(cString: message))
      }
      guard context.isDebugging || level < KafkaLogLine.Level.debug.rawValue else { return }
      let text = message.map { String(cString: $0) } ?? ""
      context.log(
        KafkaLogLine(
          level: KafkaLogLine.Level(rawValue: level) ?? .debug, facility: facility.map { String(cString: $0) } ?? "",
          message: context.secrets.redacted(text)))
    }
  }

  /// Keeps the delivery report of one message, for the producer.
  /// - Returns: whether the reports have to be handed over before the next message.
  @inline(__always)
  func note(_ message: UnsafePointer<rd_kafka_message_t>) -> Bool {
    guard let pending else { return false }
    pending.pointee.add(message)
    return pending.pointee.isFull
  }

  static func of(_ opaque: UnsafeMutableRawPointer?) -> ClientContext? {
    opaque.map { Unmanaged<ClientContext>.fromOpaque($0).takeUnretainedValue() }
  }
}
