/// Where a lane begins to read a partition, so that no record falls between two lanes that both have passed it.
///
/// Pure. `docs/decisions/0010-route-changes.md` says why it holds.
struct StartRule {
  /// What a lane's group has committed for the partition.
  struct Position: Equatable, Sendable {
    let offset: Int64
    let note: CommitNote.Reading
  }

  enum Start: Equatable {
    /// Go on: the last commit was made under the same routes, which have been in force since then.
    case resume(Int64, since: Int64)
    /// Begin here: records before it are dealt with, and those from here on are handled under the new routes.
    case restart(Int64)
    /// Nobody has left a trace: begin where `auto.offset.reset` says.
    case fresh
  }

  let lane: String
  let routes: RoutesInForce

  /// The lanes whose commits must be known and are not yet. First it is this lane alone: under unchanged routes its own commit tells
  /// all. Otherwise the lanes of these routes, and of all routes that the commits name, so that a removed lane's backlog counts.
  /// - Parameter known: nil in it is a lane that has no commit.
  func missing(_ known: [String: Position?]) -> [String] {
    guard let own = known[lane] else { return [lane] }
    if case .note(let note)? = own?.note, note.routes == routes.fingerprint { return [] }
    var wanted = routes.lanes
    for case .note(let note)? in known.values.map({ $0?.note }) { wanted += note.lanes }
    return Set(wanted).subtracting(known.keys).sorted()
  }

  /// - Parameter known: every lane that `missing` has asked for.
  func start(_ known: [String: Position?]) -> Start {
    let positions = known.compactMapValues { $0 }
    let own = positions[lane]
    if case .note(let note)? = own?.note, note.routes == routes.fingerprint, let own { return .resume(own.offset, since: note.since) }
    let settled = Self.settled(positions)
    if let own, own.note == .foreign {
      // Someone has put the lane there, and means it: what it has not read before that place is not to be read.
      return .resume(own.offset, since: min(own.offset, settled ?? 0))
    }
    guard let own else { return settled.map(Start.restart) ?? .fresh }
    // Never forward: a lane's own commit is the last place that it knows to have read itself. And if nothing readable says how far
    // the others were when this one committed, any of the records before it may be missed.
    return .restart(min(own.offset, settled ?? 0))
  }

  /// Every record before this offset was handled by its owner; nil where no commit says so.
  private static func settled(_ positions: [String: Position]) -> Int64? {
    let notes = positions.values.compactMap { position -> CommitNote? in
      if case .note(let note) = position.note { return note }
      return nil
    }
    guard var settled = notes.map(\.since).max() else { return nil }
    for note in Dictionary(notes.map { ($0.routes, $0) }, uniquingKeysWith: { first, _ in first }).values where !note.lanes.isEmpty {
      // What all lanes of some routes have passed under those routes is handled, whoever owned it.
      let passed = note.lanes.map { lane -> Int64? in
        guard let position = positions[lane] else { return nil }
        switch position.note {
        case .note(let own): return own.routes == note.routes ? position.offset : nil
        case .foreign: return position.offset
        case .unreadable: return nil
        }
      }
      let offsets = passed.compactMap(\.self)
      if offsets.count == passed.count, let least = offsets.min() { settled = max(settled, least) }
    }
    return settled
  }
}
