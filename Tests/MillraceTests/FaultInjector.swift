import KafkaClient

/// Makes one thing after another go wrong in a mock cluster, as a seed says.
///
/// The mock of librdkafka 2.0.2 fails an assertion of its own (`!member->resp`) when a member joins or syncs while it waits
/// for an answer. So broker 1 coordinates the groups and stays up, and no heartbeat or sync fails, which would make one do so.
struct FaultInjector {
  private typealias Code = KafkaError.Code

  private static let concurrentTransactions = Code(rawValue: 51)
  private static let coordinator: [Code] = [.coordinatorNotAvailable, .notCoordinator, .coordinatorLoadInProgress]
  private static let membership: [Code] = [.illegalGeneration, .unknownMember, .rebalanceInProgress]

  private static let requests: [(MockCluster.Request, [Code])] = [
    (.produce, [.notLeaderForPartition, .requestTimedOut, .notEnoughReplicas, .transport]),
    (.fetch, [.notLeaderForPartition, .unknownTopicOrPartition, .storageError, .unknown, .transport]),
    (.offsetFetch, [.coordinatorLoadInProgress, .notCoordinator]),
    (.offsetCommit, coordinator + [.requestTimedOut]),
    (.findCoordinator, [.coordinatorNotAvailable, .transport]),
    (.joinGroup, [.coordinatorLoadInProgress]),
  ]

  private static let transactions: [(MockCluster.Request, [Code])] = [
    (.initProducerID, coordinator),
    (.addPartitionsToTransaction, coordinator + [concurrentTransactions, .unknownTopicOrPartition]),
    (.addOffsetsToTransaction, coordinator + [concurrentTransactions]),
    (.transactionOffsetCommit, coordinator + membership + [.requestTimedOut, .unknownTopicOrPartition]),
    (.endTransaction, coordinator),
  ]

  let cluster: MockCluster
  let isTransactional: Bool
  private var broken: Int32?

  init(_ cluster: MockCluster, isTransactional: Bool) {
    self.cluster = cluster
    self.isTransactional = isTransactional
  }

  /// Returns what it did, for the log.
  mutating func inject(_ random: inout SeededGenerator) throws -> String {
    if let broker = broken {
      broken = nil
      try cluster.setBroker(broker, isUp: true)
      return "broker \(broker) up"
    }
    let broker = Int32.random(in: 1...Int32(cluster.brokerCount), using: &random)
    switch Int.random(in: 0..<10, using: &random) {
    case 0 where broker > 1:
      broken = broker
      try cluster.setBroker(broker, isUp: false)
      return "broker \(broker) down"
    case 1:
      let time = Int32.random(in: 0...300, using: &random)
      try cluster.setRoundTripTime(broker, ms: time)
      return "broker \(broker) answers after \(time) ms"
    default:
      let choices = isTransactional && Bool.random(using: &random) ? Self.transactions : Self.requests
      let (request, codes) = choices[Int.random(in: 0..<choices.count, using: &random)]
      let errors = (0..<Int.random(in: 1...4, using: &random)).map { _ in codes[Int.random(in: 0..<codes.count, using: &random)] }
      cluster.pushRequestErrors(request, errors)
      return "\(request) fails with \(errors)"
    }
  }

  /// Everything works again.
  mutating func mend() throws {
    for request in MockCluster.Request.allCases { cluster.clearRequestErrors(request) }
    try cluster.setRoundTripTime(ms: 0)
    if let broker = broken { try cluster.setBroker(broker, isUp: true) }
    broken = nil
  }
}
