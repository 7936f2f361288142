import Testing

@testable import Millrace

/// Which partitions are paused, whoever wants them to be.
@Suite struct IntakeGateTests {
  private let told = Told()
  private var gate: IntakeGate {
    get { told.gate }
    nonmutating _modify { yield &told.gate }
  }

  /// A gate and a consumer that is told what it answers.
  private final class Told {
    var gate = IntakeGate()
  }

  @Test func aPartitionIsReadUntilThereIsAReasonNotTo() {
    gate.acquire(0)
    #expect(say() == .init())
    gate.close(for: .operatorsWish, true)
    #expect(say() == .init(pause: [0]))
    #expect(say() == .init(), "it is said once")
    gate.close(for: .operatorsWish, false)
    #expect(say() == .init(resume: [0]))
  }

  @Test func aReplaysPaceDoesNotLiftAnOperatorsPause() {
    gate.acquire(0)
    gate.close(0, for: .pace)
    #expect(say() == .init(pause: [0]))
    gate.close(for: .operatorsWish, true)
    gate.close(0, for: .pace, false)
    #expect(say() == .init(), "the operator has not resumed")
    gate.close(for: .operatorsWish, false)
    #expect(say() == .init(resume: [0]))
  }

  @Test func anOperatorsResumeDoesNotLiftWhatAReplayHasPaused() {
    for partition in 0..<3 { gate.acquire(partition) }
    gate.close(0, for: .pace)
    gate.close(1, for: .endOfRange)
    gate.close(for: .operatorsWish, true)
    #expect(say() == .init(pause: [0, 1, 2]))
    gate.close(for: .operatorsWish, false)
    #expect(say() == .init(resume: [2]))
  }

  @Test func whatComesWithARebalanceIsPausedAsWell() {
    gate.acquire(0)
    gate.close(for: .hours, true)
    #expect(say() == .init(pause: [0]))
    gate.acquire(1)
    #expect(say() == .init(pause: [1]), "what was there before is paused already")
  }

  @Test func aPartitionThatComesBackIsNotPausedForItsLastAssignmentsReasons() {
    gate.acquire(0)
    gate.close(0, for: .endOfRange)
    #expect(say() == .init(pause: [0]))
    let mustResume = gate.release(0)
    #expect(mustResume, "librdkafka keeps the pause of a partition that goes and comes back")
    gate.acquire(0)
    #expect(say() == .init(), "it was resumed before it went")
  }

  @Test func aPartitionThatGivesRecordsIsPausedAgain() {
    gate.acquire(0)
    gate.close(for: .model, true)
    #expect(say() == .init(pause: [0]))
    gate.isRead(0)
    #expect(say() == .init(pause: [0]))
  }

  @Test func whatCouldNotBeSaidIsSaidAgain() {
    gate.acquire(0)
    gate.close(for: .model, true)
    let unsaid = gate.action()
    #expect(unsaid == .init(pause: [0]))
    #expect(say() == .init(), "not before something asks for it")
    gate.sayAgain()
    #expect(say() == .init(pause: [0]))
  }

  /// Random events, and a second set of books: a set of reasons, and what a consumer that is told would do.
  @Test(arguments: UInt64(1)...200)
  func aConsumerReadsWhatNothingSpeaksAgainst(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var gate = IntakeGate()
    var lane: Set<UInt8> = []
    var reasons: [Int: Set<UInt8>] = [:]
    /// Owned partitions, and whether the consumer has paused them.
    var consumer: [Int: Bool] = [:]
    var (paused, resumed) = (0, 0)
    for step in 0..<800 {
      let partition = Int.random(in: 0..<5, using: &random)
      switch Int.random(in: 0..<10, using: &random) {
      case 0..<3:
        let reason = [IntakeGate.LaneReasons.operatorsWish, .hours, .model].randomElement(using: &random)!
        // Mostly open: a lane that is closed hides what its partitions are closed for.
        let isClosed = Int.random(in: 0..<6, using: &random) == 0
        gate.close(for: reason, isClosed)
        if isClosed { lane.insert(reason.rawValue) } else { lane.remove(reason.rawValue) }
      case 3..<6:
        guard consumer[partition] != nil else { continue }
        let reason = [IntakeGate.PartitionReasons.pace, .endOfRange].randomElement(using: &random)!
        let isClosed = Bool.random(using: &random)
        gate.close(partition, for: reason, isClosed)
        if isClosed { reasons[partition, default: []].insert(reason.rawValue) } else { reasons[partition]?.remove(reason.rawValue) }
      case 6:
        if consumer[partition] == nil {
          gate.acquire(partition)
          consumer[partition] = false
        } else {
          let mustResume = gate.release(partition)
          #expect(mustResume == (consumer[partition] == true), "seed \(seed), step \(step): what goes is resumed before, if it is paused")
          consumer[partition] = nil
        }
        reasons[partition] = nil
      case 7:
        // Someone else has resumed it, and it gives records.
        guard consumer[partition] == true else { continue }
        consumer[partition] = false
        gate.isRead(partition)
      default: break
      }
      let action = gate.action()
      for partition in action.resume {
        #expect(consumer[partition] == true, "seed \(seed), step \(step): only what is paused is resumed")
        consumer[partition] = false
        resumed += 1
      }
      for partition in action.pause {
        #expect(consumer[partition] == false, "seed \(seed), step \(step): only what is read is paused")
        consumer[partition] = true
        paused += 1
      }
      gate.said(action)
      for (partition, isPaused) in consumer {
        let wanted = !lane.isEmpty || !(reasons[partition] ?? []).isEmpty
        #expect(isPaused == wanted, "seed \(seed), step \(step), partition \(partition)")
      }
    }
    #expect(paused > 10 && resumed > 5, "a schedule that pauses nothing shows nothing")
  }

  private func say() -> IntakeGate.Action {
    let action = gate.action()
    gate.said(action)
    return action
  }
}
