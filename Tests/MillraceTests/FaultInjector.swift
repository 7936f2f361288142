import KafkaClient

/// Makes one thing after another go wrong in a mock cluster, as a seed says.
///
/// The mock of librdkafka 2.0.2 fails an assertion of its own (`!member->resp`) when a member joins or syncs while it waits
/// for an answer. So broker 1 coordinates the groups, and only `hasGroupFaults` lets it fail, or a heartbeat or sync.
struct FaultInjector {
  private typealias Code = KafkaError.Code

  private static let concurrentTransactions = Code(rawValue: 51)
  private static let coordinator: [Code] = [.coordinatorNotAvailable, .notCoordinator, .coordinatorLoadInProgress]
  private static let membership: [Code] = [.illegalGeneration, .unknownMember, .rebalanceInProgress]

  private static let requests: [(MockCluster.Request, [Code])] = [
    (
      .produce,
      [.notLeaderForPartition, .requestTimedOut, .notEnoughReplicas, .transport, .messageSizeTooLarge, .topicAuthorizationFailed]
    ),
    (.fetch, [.notLeaderForPartition, .unknownTopicOrPartition, .storageError, .unknown, .transport]),
    (.offsetFetch, [.coordinatorLoadInProgress, .notCoordinator]),
    (.offsetCommit, coordinator + [.requestTimedOut]),
    (.findCoordinator, [.coordinatorNotAvailable, .transport]),
  ]

  private static let group: [(MockCluster.Request, [Code])] = [
    (.joinGroup, [.coordinatorLoadInProgress, .notCoordinator, .unknownMember]),
    (.syncGroup, [.rebalanceInProgress, .notCoordinator, .unknownMember]),
    (.heartbeat, membership + coordinator),
    (.leaveGroup, coordinator),
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
  let hasGroupFaults: Bool
  /// Whether brokers may go down. A mock broker that does so before it answers has its records sent again, and keeps both.
  let breaksBrokers: Bool
  /// The topics whose leaders are moved.
  let topics: [TopicPartition]
  private var broken: Int32?

  init(_ cluster: MockCluster, isTransactional: Bool, hasGroupFaults: Bool, breaksBrokers: Bool, topics: [TopicPartition]) {
    self.cluster = cluster
    self.isTransactional = isTransactional
    self.hasGroupFaults = hasGroupFaults
    self.breaksBrokers = breaksBrokers
    self.topics = topics
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
    case 0 where breaksBrokers && (broker > 1 || hasGroupFaults):
      broken = broker
      try cluster.setBroker(broker, isUp: false)
      return "broker \(broker) down"
    case 1:
      let time = Int32.random(in: 0...300, using: &random)
      try cluster.setRoundTripTime(broker, ms: time)
      return "broker \(broker) answers after \(time) ms"
    case 2 where cluster.brokerCount > 1:
      guard let partition = topics.randomElement(using: &random) else { return "nothing" }
      try cluster.setLeader(of: partition, to: broker)
      return "broker \(broker) leads \(partition)"
    default:
      var choices = isTransactional && Bool.random(using: &random) ? Self.transactions : Self.requests
      if hasGroupFaults && Int.random(in: 0..<3, using: &random) == 0 { choices = Self.group }
      let (request, codes) = choices[Int.random(in: 0..<choices.count, using: &random)]
      let errors = (0..<Int.random(in: 1...4, using: &random)).map { _ in codes[Int.random(in: 0..<codes.count, using: &random)] }
      cluster.pushRequestErrors(request, errors)
      return "\(request) fails with \(errors)"
    }
  }

  /// Lets one broker lead all outputs and no inputs, and refuse them for a while: what a lane commits meanwhile, it must not.
  func holdOutputs(_ inputs: [TopicPartition], _ outputs: [TopicPartition]) throws -> String {
    let broker = Int32(cluster.brokerCount)
    for place in inputs { try cluster.setLeader(of: place, to: 1) }
    for place in outputs { try cluster.setLeader(of: place, to: broker) }
    try cluster.pushBrokerErrors(.produce, broker: broker, Array(repeating: (.notEnoughReplicas, 300), count: 6))
    return "broker \(broker) refuses outputs"
  }

  /// Everything works again.
  mutating func mend() throws {
    for request in MockCluster.Request.allCases { cluster.clearRequestErrors(request) }
    try cluster.setRoundTripTime(ms: 0)
    if let broker = broken { try cluster.setBroker(broker, isUp: true) }
    broken = nil
  }
}
