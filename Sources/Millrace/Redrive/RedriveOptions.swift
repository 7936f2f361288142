/// The options of a redrive: what it moves, and how.
package struct RedriveOptions: Sendable {
  /// The lane that scores the letters; nil: they are written to their source topics.
  package var lane: String?
  /// Whether letters are only read and reported, and nothing is changed.
  package var isDryRun = false
  /// How many letters are moved at most; nil: all.
  package var limit: Int?
  /// How many letters are moved a second; nil: as many as go.
  package var rate: Double?
  /// An expression over the dead letter; letters that it does not match are left.
  package var filter: String?
  /// How often a letter may have been dead-lettered; those with more are left.
  package var maxDeliveries = 3
  /// Whether records get the present time instead of their own.
  package var restamps = false

  package init() {}
}

/// Why a letter stays where it is.
package enum RedriveLeaving: String, CaseIterable, Sendable {
  case filter, deliveries, value, foreign, refused, room

  /// The reason as the report says it.
  func reason(_ options: RedriveOptions) -> String {
    switch self {
    case .filter: "the filter does not match"
    case .deliveries: "dead-lettered \(options.maxDeliveries) times or more: see --max-deliveries"
    case .value: "the value is not in the letter, and not in its source topic any more"
    case .foreign: "no dead letter of this group and its topics" + (options.lane.map { ", or lane \($0) does not read the topic" } ?? "")
    case .refused: "the broker refuses the record for what it is: too large, or too old"
    case .room: "too many letters are left between those that are moved: move those first, or widen the filter"
    }
  }
}

/// Why a redrive ended early. What was acknowledged is committed as far as that was possible; the rest is where it was.
package struct RedriveFault: Error, Sendable, CustomStringConvertible {
  package let description: String

  /// The error as a redrive tells it: what can't be read are its dead letters.
  static func telling(_ error: any Error) -> any Error {
    guard let fault = error as? PartitionFault else { return error }
    let place = fault.partition == nil ? "" : " of \(fault.place)"
    return RedriveFault(description: "can't read the dead letters\(place): \(fault.reason)")
  }
}
