@testable import Millrace

/// Lanes over one partition that are restarted, moved between members, given other routes, added, removed and cut off from their
/// commits, as a seed says. Remembers which records their owners have handled.
struct RouteSimulation {
  /// Where a lane begins, and since when its routes are in force.
  typealias Rule = @Sendable (_ lane: String, _ routes: RoutesInForce, _ known: [String: StartRule.Position?]) -> (offset: Int, since: Int)

  /// One version of the file: lanes, and a pure function from records to lanes.
  private struct Routes {
    let inForce: RoutesInForce
    let salt: UInt64

    func owner(of record: Int) -> String {
      var mixed = SeededGenerator(seed: salt &+ UInt64(record))
      return inForce.lanes[Int(mixed.next() % UInt64(inForce.lanes.count))]
    }
  }

  /// The member that reads the partition for a lane.
  private struct Member {
    let routes: Routes
    let since: Int
    var position: Int
  }

  private(set) var missed: [Int] = []
  private(set) var handledTwice = 0
  private(set) var log: [String] = []
  private var random: SeededGenerator
  private let rule: Rule
  private var records = 0
  private var handled: [Int] = []
  private var commits: [String: StartRule.Position] = [:]
  private var members: [String: Member] = [:]
  private var versions: [Routes] = []
  private static let names = ["a", "b", "c", "d"]

  init(seed: UInt64, rule: @escaping Rule) {
    random = SeededGenerator(seed: seed)
    self.rule = rule
    change()
    for _ in 0..<Int.random(in: 10...150, using: &random) { step() }
    finish()
  }

  private mutating func step() {
    switch Int.random(in: 0..<20, using: &random) {
    case 0: change()
    case 1, 2: stop(Self.names.randomElement(using: &random) ?? "a", commits: Bool.random(using: &random))
    case 3...6:
      // Some members are still, or again, on an older file.
      let version = Int.random(in: 0..<3, using: &random) == 0 ? versions.randomElement(using: &random) : versions.last
      if let version, let lane = version.inForce.lanes.randomElement(using: &random) { start(lane, version) }
    case 7 where Int.random(in: 0..<6, using: &random) == 0:
      let lane = Self.names.randomElement(using: &random) ?? "a"
      if members[lane] == nil { commits[lane] = nil }
      log.append("\(lane)'s commits expire")
    case 7...10: append(Int.random(in: 0...20, using: &random))
    case 11...13: if let lane = members.keys.sorted().randomElement(using: &random) { commit(lane) }
    default:
      if let lane = members.keys.sorted().randomElement(using: &random) { read(lane, Int.random(in: 1...15, using: &random)) }
    }
  }

  private mutating func append(_ count: Int) {
    records += count
    handled += Array(repeating: 0, count: count)
  }

  private mutating func change() {
    let lanes = Array(Self.names.shuffled(using: &random).prefix(Int.random(in: 1...4, using: &random)))
    versions.append(Routes(inForce: RoutesInForce(fingerprint: "v\(versions.count)", lanes: lanes), salt: random.next()))
    log.append("v\(versions.count - 1) has lanes \(lanes)")
  }

  private mutating func start(_ lane: String, _ routes: Routes) {
    stop(lane, commits: Bool.random(using: &random))
    var known: [String: StartRule.Position?] = [:]
    let start = StartRule(lane: lane, routes: routes.inForce)
    while case let names = start.missing(known), !names.isEmpty {
      for name in names { known.updateValue(commits[name], forKey: name) }
    }
    let (offset, since) = rule(lane, routes.inForce, known)
    members[lane] = Member(routes: routes, since: since, position: offset)
    log.append("\(lane) starts with \(routes.inForce.fingerprint) at \(offset) since \(since), knowing \(known)")
  }

  private mutating func stop(_ lane: String, commits: Bool) {
    if commits { commit(lane) }
    if members.removeValue(forKey: lane) != nil { log.append("\(lane) stops") }
  }

  private mutating func read(_ lane: String, _ count: Int) {
    guard let member = members[lane] else { return }
    let end = max(member.position, min(records, member.position + count))
    for record in member.position..<end where member.routes.owner(of: record) == lane {
      if handled[record] > 0 { handledTwice += 1 }
      handled[record] += 1
    }
    members[lane]?.position = end
  }

  private mutating func commit(_ lane: String) {
    guard let member = members[lane] else { return }
    let note = CommitNote(routes: member.routes.inForce.fingerprint, since: Int64(member.since), lanes: member.routes.inForce.lanes)
    commits[lane] = StartRule.Position(offset: Int64(member.position), note: CommitNote.read(note.text))
    log.append("\(lane) commits \(member.position)")
  }

  /// In the end every lane runs with the last version, to the end of the log.
  private mutating func finish() {
    guard let last = versions.last else { return }
    for lane in Self.names where !last.inForce.lanes.contains(lane) { stop(lane, commits: Bool.random(using: &random)) }
    for lane in last.inForce.lanes.shuffled(using: &random) where members[lane]?.routes.inForce != last.inForce {
      start(lane, last)
      read(lane, Int.random(in: 0...records, using: &random))
      if Bool.random(using: &random) { commit(lane) }
    }
    for lane in last.inForce.lanes { read(lane, records) }
    missed = handled.indices.filter { handled[$0] == 0 }
  }
}
