import Foundation

/// One end of what a replay reads, as people write it.
package enum ReplayBound: Hashable, Sendable {
  /// The first record that each partition still has.
  case earliest
  /// Behind the last record that each partition has when the replay begins.
  case latest
  case offset(Int64)
  /// The first record of this time or later; milliseconds since 1970.
  case time(Int64)

  /// - Parameters:
  ///   - text: `earliest`, `latest`, an offset, an ISO 8601 time or date (UTC where it names no zone), or a duration back from now (`24h`).
  ///   - nowMs: the present, in milliseconds since 1970.
  package init?(_ text: String, nowMs: Int64) {
    switch text {
    case "earliest": self = .earliest
    case "latest": self = .latest
    default:
      if text.wholeMatch(of: /[0-9]+/) != nil {
        guard let offset = Int64(text) else { return nil }
        self = .offset(offset)
      } else if let milliseconds = Self.milliseconds(of: text) {
        self = .time(milliseconds)
      } else if let microseconds = try? Quantity.duration.parse(text) {
        self = .time(max(0, nowMs - Int64(microseconds / 1000)))
      } else if let days = text.wholeMatch(of: /([0-9]{1,6})d/).flatMap({ Int64($0.1) }) {
        self = .time(max(0, nowMs - days * 86_400_000))
      } else {
        return nil
      }
    }
  }

  /// What `init` takes, for messages.
  package static let forms = "earliest, latest, an offset, a time like 2026-01-31T23:30:00Z, or a duration back from now like 24h"

  private static func milliseconds(of text: String) -> Int64? {
    if text.wholeMatch(of: /[0-9]{4}-[0-9]{2}-[0-9]{2}/) != nil { return RecordTime.milliseconds(of: text + "T00:00:00Z") }
    if text.wholeMatch(of: /[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+/) != nil { return RecordTime.milliseconds(of: text + "Z") }
    return RecordTime.milliseconds(of: text)
  }
}
