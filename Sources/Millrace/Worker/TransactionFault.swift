import KafkaClient

extension LaneFault {
  /// The end of a lane whose transaction failed for good.
  init(_ failure: Transactions.Failure, lane: String) {
    let message =
      switch failure {
      case .aborted(let reason): "the transaction was aborted: \(reason)"
      case .unknown(let reason):
        "no broker says whether the last transaction is committed; start the lane again, and it goes on where the group's offsets "
          + "stand: \(reason)"
      case .fenced(let reason):
        "the brokers have fenced this worker's transactional.id: a transaction was open for longer than transaction.timeout.ms, as that "
          + "of a process that was frozen, or another process has the same group.instance.id: \(reason)"
      case .fatal(let reason): "the transaction failed, and its producer can't go on: \(reason)"
      }
    self.init(lane: lane, message: message)
  }
}
