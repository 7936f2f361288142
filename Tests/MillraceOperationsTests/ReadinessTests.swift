import Testing

@testable import Millrace
@testable import MillraceOperations

@Suite struct ReadinessTests {
  private func faults(isAssigned: Bool, isConnected: Bool, missing: [String] = [], lastError: String?) -> [String] {
    let health = LaneHealth(
      lane: "bulk", isAssigned: isAssigned, isConnected: isConnected, partitions: 0, stalls: [], waits: nil, missingTopics: missing,
      lastError: lastError)
    return Readiness.faults(of: LaneStatus("bulk", [], health: health, isPaused: false))
  }

  @Test func aLaneWithoutBrokersSaysWhatItWasToldLast() {
    #expect(
      faults(isAssigned: true, isConnected: false, lastError: "Authentication failed")
        == ["lane bulk: no broker answers; the last error: Authentication failed"])
    #expect(faults(isAssigned: true, isConnected: false, lastError: nil) == ["lane bulk: no broker answers"])
    #expect(faults(isAssigned: false, isConnected: true, lastError: nil) == ["lane bulk: no partitions assigned yet"])
    // An error that is over keeps nothing from being ready.
    #expect(faults(isAssigned: true, isConnected: true, lastError: "Authentication failed").isEmpty)
  }

  @Test func aTopicThatIsGoneKeepsItsLaneFromBeingReady() {
    #expect(
      faults(isAssigned: true, isConnected: true, missing: ["events"], lastError: nil)
        == ["lane bulk: topic events does not exist any more: make it again, or take it out of `topics:`"])
  }
}
