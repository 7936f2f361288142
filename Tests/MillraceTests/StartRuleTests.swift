import Testing

@testable import Millrace

/// Where a lane begins when the routes have changed, been added to, or are what they were.
@Suite struct StartRuleTests {
  private let old = RoutesInForce(fingerprint: "old", lanes: ["urgent", "bulk"])
  private let new = RoutesInForce(fingerprint: "new", lanes: ["urgent", "bulk"])

  @Test func underTheSameRoutesALaneAsksNobodyElseAndGoesOn() {
    let rule = StartRule(lane: "urgent", routes: old)
    #expect(rule.missing([:]) == ["urgent"])
    let known = ["urgent": committed(500, old, since: 20)]
    #expect(rule.missing(known) == [])
    #expect(rule.start(known) == .resume(500, since: 20))
  }

  @Test func theFirstLaneToChangeBeginsWhereTheSlowestStood() {
    let known = ["urgent": committed(500, old, since: 20), "bulk": committed(300, old, since: 20)]
    #expect(start("urgent", new, known) == .restart(300))
    #expect(start("bulk", new, known) == .restart(300))
  }

  @Test func theNextOneBeginsWhereTheFirstDid() {
    let known = ["urgent": committed(900, new, since: 300), "bulk": committed(700, old, since: 20)]
    #expect(start("bulk", new, known) == .restart(300))
  }

  @Test func goingBackToTheOldRoutesRepeatsOnlyWhatTheNewOnesRead() {
    let known = ["urgent": committed(900, new, since: 300), "bulk": committed(700, old, since: 20)]
    #expect(start("urgent", old, known) == .restart(300))
    #expect(start("bulk", old, known) == .resume(700, since: 20))
  }

  @Test func aLaneThatIsAddedLaterBeginsWhereTheOthersTookUpRoutesThatNameIt() {
    let wider = RoutesInForce(fingerprint: "wider", lanes: ["urgent", "night", "bulk"])
    let known = ["urgent": committed(900, wider, since: 300), "bulk": committed(700, wider, since: 320), "night": nil]
    #expect(start("night", wider, known) == .restart(320))
    let before = ["urgent": committed(900, old, since: 20), "bulk": committed(700, old, since: 20), "night": nil]
    #expect(start("night", wider, before) == .restart(700))
  }

  @Test func aRemovedLanesBacklogIsReadByThoseThatRemain() {
    let narrower = RoutesInForce(fingerprint: "narrower", lanes: ["urgent"])
    let rule = StartRule(lane: "urgent", routes: narrower)
    var known = ["urgent": committed(900, old, since: 20)]
    #expect(rule.missing(known) == ["bulk"])
    known["bulk"] = committed(400, old, since: 20)
    #expect(rule.start(known) == .restart(400))
    // One that has never committed anything has passed nothing.
    known.updateValue(nil, forKey: "bulk")
    #expect(rule.start(known) == .restart(20))
  }

  @Test func withoutAnyCommitTheResetPolicyDecides() {
    #expect(start("urgent", new, ["urgent": nil, "bulk": nil]) == .fresh)
  }

  @Test func whereSomeoneMovedTheGroupToItBegins() {
    let moved = StartRule.Position(offset: 5_000, note: .foreign)
    let known = ["urgent": moved, "bulk": committed(300, old, since: 20)]
    #expect(start("urgent", old, known) == .resume(5_000, since: 300))
    // The other lane's change does not follow it there.
    #expect(start("bulk", new, known) == .restart(300))
    #expect(start("urgent", old, ["urgent": moved, "bulk": moved]) == .resume(5_000, since: 0))
  }

  @Test func aCommitOfANewerVersionIsTakenForKnowingNothing() {
    let newer = StartRule.Position(offset: 900, note: .unreadable)
    #expect(start("urgent", new, ["urgent": newer, "bulk": nil]) == .restart(0))
    #expect(start("urgent", new, ["urgent": newer, "bulk": committed(700, old, since: 20)]) == .restart(20))
  }

  @Test func noScheduleOfRestartsAndChangesLosesARecord() {
    for seed in UInt64(1)...6_000 {
      let run = RouteSimulation(seed: seed, rule: RouteSimulation.ours)
      if run.missed.isEmpty { continue }
      Issue.record("seed \(seed): records \(run.missed) were passed by every lane\n\(run.log.joined(separator: "\n"))")
      return
    }
  }

  /// Each of the rule's parts is needed: without it some schedule loses records.
  @Test(arguments: RouteSimulation.Weakening.allCases)
  func aWeakerRuleLosesRecords(_ weakening: RouteSimulation.Weakening) {
    let loses = (UInt64(1)...6_000).contains { !RouteSimulation(seed: $0, rule: weakening.rule).missed.isEmpty }
    #expect(loses)
  }

  private func committed(_ offset: Int64, _ routes: RoutesInForce, since: Int64) -> StartRule.Position? {
    let note = CommitNote(routes: routes.fingerprint, since: since, lanes: routes.lanes)
    return StartRule.Position(offset: offset, note: CommitNote.read(note.text))
  }

  private func start(_ lane: String, _ routes: RoutesInForce, _ known: [String: StartRule.Position?]) -> StartRule.Start {
    let rule = StartRule(lane: lane, routes: routes)
    #expect(rule.missing(known) == [])
    return rule.start(known)
  }
}

extension RouteSimulation {
  static let ours: Rule = { lane, routes, known in
    switch StartRule(lane: lane, routes: routes).start(known) {
    case .resume(let offset, let since): (Int(offset), Int(since))
    case .restart(let offset): (Int(offset), Int(offset))
    case .fresh: (0, 0)
    }
  }

  /// What someone might leave out.
  enum Weakening: CaseIterable {
    /// Changed routes go on at the lane's own commit.
    case ownCommit
    /// The slowest lane's commit, whatever routes it was made under.
    case slowestCommit
    /// Lanes that the new file doesn't name don't count.
    case withoutRemovedLanes
    /// A lane without commits begins where the others stand now.
    case newLaneAtTheOthers
    /// Each restart claims that its routes are in force from its own commit on.
    case sinceOwnCommit

    var rule: Rule {
      { lane, routes, known in
        let own = known[lane] ?? nil
        let others = known.values.compactMap { $0 }.map { Int($0.offset) }
        switch self {
        case .ownCommit: return own.map { (Int($0.offset), Int($0.offset)) } ?? ours(lane, routes, known)
        case .slowestCommit:
          let (offset, since) = ours(lane, routes, known)
          let isChange = own?.routes != routes.fingerprint
          let least = others.min() ?? 0
          return isChange ? (least, least) : (offset, since)
        case .withoutRemovedLanes:
          return ours(lane, routes, known.filter { routes.lanes.contains($0.key) }.mapValues { $0?.among(routes.lanes) })
        case .newLaneAtTheOthers:
          guard own == nil, let least = others.min() else { return ours(lane, routes, known) }
          return (least, least)
        case .sinceOwnCommit:
          let (offset, _) = ours(lane, routes, known)
          return (offset, own.map { max(offset, Int($0.offset)) } ?? offset)
        }
      }
    }
  }
}

extension StartRule.Position {
  fileprivate var routes: String? {
    if case .note(let note) = note { return note.routes }
    return nil
  }

  /// As if the note's routes knew only these lanes.
  fileprivate func among(_ lanes: [String]) -> Self {
    guard case .note(var note) = note else { return self }
    note.lanes = note.lanes.filter(lanes.contains)
    return Self(offset: offset, note: .note(note))
  }
}
