import Foundation

/// Reads timestamps of records as people write them.
package enum RecordTime {
  /// Milliseconds since 1970-01-01 UTC of an RFC 3339 time, `2026-01-31T23:30:00Z`; nil if the text is none.
  package static func milliseconds(of text: String) -> Int64? {
    let styles = [Date.ISO8601FormatStyle(), Date.ISO8601FormatStyle(includingFractionalSeconds: true)]
    guard let date = styles.lazy.compactMap({ try? $0.parse(text) }).first else { return nil }
    let milliseconds = (date.timeIntervalSince1970 * 1000).rounded()
    return milliseconds >= 0 ? Int64(exactly: milliseconds) : nil
  }

  package static var now: Int64 { Int64(Date().timeIntervalSince1970 * 1000) }
}
