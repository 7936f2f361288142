import Testing

@testable import KafkaClient

@Suite struct MembershipTests {
  @Test func followsTheGroupsRebalances() {
    let membership = Membership()
    #expect(!membership.isJoining && membership.isOutside)
    for (states, isJoining) in [
      ("steady -> init", true), ("init -> wait-metadata", true), ("wait-metadata -> wait-join", true), ("wait-join -> wait-sync", true),
      ("wait-sync -> wait-unassign-call", false), ("init -> wait-join", true), ("wait-sync -> wait-assign-call", false),
      ("wait-assign-call -> steady", false),
    ] {
      membership.note("Group \"a -> init (b)\" changed join state \(states) (state up)")
      #expect(membership.isJoining == isJoining, "\(states)")
      #expect(membership.isOutside == states.hasSuffix("-> init"), "\(states)")
    }
  }

  @Test func isNotMovedByWhatItDoesNotUnderstand() {
    let membership = Membership()
    membership.note("Group \"a\" changed join state steady -> init (state up)")
    membership.note("")
    membership.note("Group")
    #expect(membership.isJoining)
  }

  @Test func isJoiningUntilTheGroupHasAssigned() throws {
    try Harness.withMock { mock in
      try mock.createTopic("in")
      try Harness.withConsumer(mock.bootstrapServers) { consumer in
        var wasJoining = false
        var isAssigned = false
        consumer.onRebalance = { consumer, _ in
          isAssigned = true
          #expect(!consumer.isJoining)
          return nil
        }
        try consumer.subscribe(to: ["in"])
        try Harness.run(until: isAssigned) {
          wasJoining = wasJoining || consumer.isJoining
          _ = consumer.take(timeoutMs: 5)
        }
        #expect(wasJoining)
      }
    }
  }
}
