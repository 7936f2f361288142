import CRdKafka
import Foundation

/// The librdkafka that is linked: its version and its properties. No client is made for it.
package enum KafkaLibrary {
  package static var version: String { String(cString: rd_kafka_version_str()) }

  /// Why librdkafka doesn't take a property.
  package enum Complaint: Equatable, Sendable {
    /// There is no property of that name.
    case unknown
    /// The value is not allowed, or not in this build: in librdkafka's words, which may quote the value.
    case refused(String)
  }

  /// Why librdkafka doesn't take a property; nil if it does.
  package static func complaint(of name: String, _ value: String) -> Complaint? {
    let configuration = rd_kafka_conf_new()
    defer { rd_kafka_conf_destroy(configuration) }
    let (result, text) = withErrorText { rd_kafka_conf_set(configuration, name, value, $0, $1) }
    switch result {
    case RD_KAFKA_CONF_OK: return nil
    case RD_KAFKA_CONF_UNKNOWN: return .unknown
    default: return .refused(text)
    }
  }

  /// The names of all its properties. It tells them only as a printed table.
  package static var propertyNames: [String] {
    // The stream writes to these when it is closed.
    let text = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: 1)
    let size = UnsafeMutablePointer<Int>.allocate(capacity: 1)
    (text.pointee, size.pointee) = (nil, 0)
    defer {
      free(text.pointee)
      text.deallocate()
      size.deallocate()
    }
    guard let table = open_memstream(text, size) else { return [] }
    rd_kafka_conf_properties_show(table)
    fclose(table)
    guard let printed = text.pointee else { return [] }
    return String(cString: printed).split(separator: "\n").compactMap { line in
      let name = line.prefix { $0 != " " && $0 != "|" }
      return name.contains(".") && line.contains("|") ? String(name) : nil
    }
  }
}
