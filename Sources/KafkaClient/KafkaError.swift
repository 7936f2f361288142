import CRdKafka

/// An error of librdkafka or of a broker: what went wrong, and where. A copy: it holds nothing of the library's.
package struct KafkaError: Error, Equatable, Sendable {
  package let code: Code
  /// What happened, in librdkafka's words.
  package let reason: String
  /// The client that raised it can do nothing more; make another, or exit.
  package let isFatal: Bool
  /// The same call may succeed when it is made again.
  package let isRetriable: Bool
  /// The transaction must be aborted before the next one.
  package let requiresAbort: Bool
  /// What was being done, and to which topic, partition or property.
  package let context: String

  package init(
    _ code: Code, reason: String? = nil, context: String, isFatal: Bool = false, isRetriable: Bool = false, requiresAbort: Bool = false
  ) {
    self.code = code
    self.reason = reason ?? code.reason
    self.isFatal = isFatal
    self.isRetriable = isRetriable
    self.requiresAbort = requiresAbort
    self.context = context
  }
}

extension KafkaError: CustomStringConvertible {
  package var description: String {
    let what = "\(reason) (\(code.name))"
    return context.isEmpty ? what : "\(context): \(what)"
  }
}

extension KafkaError {
  /// The error that a code stands for; nil for "no error".
  init?(_ error: rd_kafka_resp_err_t, context: @autoclosure () -> String) {
    if error == RD_KAFKA_RESP_ERR_NO_ERROR { return nil }
    self.init(Code(error), context: context(), isFatal: error == RD_KAFKA_RESP_ERR__FATAL)
  }

  /// The error that an error object tells, which is destroyed; nil for no object.
  init?(consuming error: OpaquePointer?, context: @autoclosure () -> String) {
    guard let error else { return nil }
    defer { rd_kafka_error_destroy(error) }
    self.init(
      Code(rd_kafka_error_code(error)), reason: rd_kafka_error_string(error).map { String(cString: $0) }, context: context(),
      isFatal: rd_kafka_error_is_fatal(error) != 0, isRetriable: rd_kafka_error_is_retriable(error) != 0,
      requiresAbort: rd_kafka_error_txn_requires_abort(error) != 0)
  }

  /// The error that made this client unusable, if there is one.
  static func fatal(of handle: OpaquePointer, context: String) -> KafkaError? {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 512) { text in
      text[0] = 0
      let code = rd_kafka_fatal_error(handle, text.baseAddress, text.count)
      if code == RD_KAFKA_RESP_ERR_NO_ERROR { return nil }
      let reason = text.baseAddress.map { String(cString: $0) }
      return KafkaError(Code(code), reason: reason, context: context, isFatal: true)
    }
  }
}

extension rd_kafka_resp_err_t {
  /// Throws the error that this code stands for, unless it says that all is well.
  func orThrow(_ context: @autoclosure () -> String) throws(KafkaError) {
    if let error = KafkaError(self, context: context()) { throw error }
  }
}

extension KafkaError {
  /// What an error callback was told. A fatal error there is only a hint; its cause is looked up.
  init(
    clientError code: rd_kafka_resp_err_t, _ reason: UnsafePointer<CChar>?, of handle: OpaquePointer, context: String, _ secrets: SecretMask
  ) {
    if code == RD_KAFKA_RESP_ERR__FATAL, let cause = KafkaError.fatal(of: handle, context: context) {
      self = cause
    } else {
      self.init(
        Code(code), reason: reason.map { secrets.redacted(String(cString: $0)) }, context: context,
        isFatal: code == RD_KAFKA_RESP_ERR__FATAL)
    }
  }
}
