/// What stands in the metadata of each commit: `millrace/1 routes=3f9a6c0211d47e58 since=1234 lanes=urgent,bulk`.
///
/// It says two things that stay true for ever. Every record before `since` was handled by the lane that owned it under the routes
/// that this lane then ran with. And from `since` up to the committed offset, the committing lane has applied these routes.
struct CommitNote: Equatable, Sendable {
  /// The fingerprint of the routes.
  var routes: String
  var since: Int64
  /// Whose records these routes know. Empty where the names don't fit.
  var lanes: [String]

  /// What a commit's metadata turned out to be.
  enum Reading: Equatable {
    case note(CommitNote)
    /// Written by someone else, most often by a tool that moved the group to another offset.
    case foreign
    /// A newer Millrace's.
    case unreadable
  }

  /// Kafka's brokers refuse more than 4096 bytes (`offset.metadata.max.bytes`).
  static let longest = 4000

  var text: String {
    let short = "millrace/1 routes=\(routes) since=\(since)"
    let full = "\(short) lanes=\(lanes.joined(separator: ","))"
    return lanes.isEmpty || full.utf8.count > Self.longest ? short : full
  }

  static func read(_ text: String?) -> Reading {
    guard let text, text.hasPrefix("millrace/") else { return .foreign }
    let words = text.split(separator: " ")
    guard words.first == "millrace/1" else { return .unreadable }
    var fields: [Substring: Substring] = [:]
    for word in words.dropFirst() {
      let parts = word.split(separator: "=", maxSplits: 1)
      if parts.count == 2 { fields[parts[0]] = parts[1] }
    }
    guard let routes = fields["routes"], let since = fields["since"].flatMap({ Int64($0) }), since >= 0 else { return .unreadable }
    let lanes = fields["lanes"]?.split(separator: ",").map(String.init) ?? []
    return .note(CommitNote(routes: String(routes), since: since, lanes: lanes))
  }
}
