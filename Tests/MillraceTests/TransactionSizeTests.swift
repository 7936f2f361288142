import KafkaClient
import Testing

@testable import Millrace

@Suite struct TransactionSizeTests {
  /// Runs transactions over these records until all are committed, and returns how many were begun. Those that hold a bad one are aborted.
  private func transactions(over count: Int, bad: Set<Int>, size: inout TransactionSize, giveUpAt most: Int = 1_000) throws -> Int {
    var result = 0
    try RecordSource.with { source in
      try source.send("{}")
      let record = try source.take(1)[0]
      defer { record.destroy() }
      var (committed, begun) = (0, 0)
      while committed < count, begun < most, size.hopeless == nil {
        size.begin()
        begun += 1
        var next = committed
        while next < count, !size.isFull {
          size.take(record)
          next += 1
        }
        if (committed..<next).contains(where: bad.contains) {
          size.aborted()
        } else {
          size.committed()
          committed = next
        }
      }
      result = committed == count ? begun : -committed
    }
    return result
  }

  @Test func nothingLimitsTransactionsThatAreCommitted() throws {
    var size = TransactionSize()
    #expect(try transactions(over: 10_000, bad: [], size: &size) == 1)
    #expect("\(size)" == "as many records as come in its interval")
  }

  @Test func allBesideARecordThatFailsIsCommittedBeforeItEndsTheLane() throws {
    for place in [0, 1, 700, 998, 999] {
      var size = TransactionSize()
      #expect(try transactions(over: 1_000, bad: [place], size: &size) == -place)
      #expect(size.hopeless != nil)
    }
  }

  @Test func afterATimeOfFailuresTransactionsGrowAgain() {
    var size = TransactionSize()
    for _ in 0..<3 { size.aborted() }
    #expect("\(size)" == "at most 1 record")
    for _ in 0..<18 { size.committed() }
    #expect("\(size)" == "as many records as come in its interval")
  }

  @Test func oneThatIsClosedTakesNoMoreAndTheNextOneDoes() {
    var size = TransactionSize()
    size.begin()
    #expect(!size.isFull)
    size.close()
    #expect(size.isFull)
    size.begin()
    #expect(!size.isFull)
  }
}
