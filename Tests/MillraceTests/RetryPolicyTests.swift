import Testing

@testable import Millrace

@Suite struct RetryPolicyTests {
  private let policy = RetryPolicy(interval: .milliseconds(100), factor: 2, cap: .milliseconds(500), jitter: 0.5, maxAttempts: 5)

  @Test func pausesGrowUpToTheCap() {
    #expect((1...5).map { policy.pause(after: $0, chance: 0).nanoseconds / 1_000_000 } == [100, 200, 400, 500, 500])
  }

  @Test func jitterMakesAPauseLongerAndNeverShorter() {
    #expect(policy.pause(after: 1, chance: 1) == .milliseconds(150))
    #expect(policy.pause(after: 9, chance: 1) == .milliseconds(750))
    #expect(policy.pause(after: 1, chance: 0.5) == .milliseconds(125))
  }

  @Test func theLongestIsTheSumOfAllPausesWithTheirJitter() {
    #expect(policy.longest == .milliseconds(150 + 300 + 600 + 750))
    #expect(RetryPolicy.none.longest == .zero)
  }

  @Test func manyAttemptsDoNotOverflow() {
    let policy = RetryPolicy(interval: .seconds(60), factor: 10, cap: .seconds(60), jitter: 0, maxAttempts: 20)
    #expect(policy.pause(after: 10_000, chance: 0) == .seconds(60))
  }
}
