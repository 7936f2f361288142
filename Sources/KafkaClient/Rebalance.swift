import CRdKafka

/// A change of what a member of a group reads.
package enum Rebalance: Sendable {
  /// These partitions come in addition to those held (with an eager protocol, nothing was held). Offsets are `invalid`, which
  /// means: go on at the committed one.
  case assigned([PartitionOffset])
  /// These go to another member after this. They can still be committed.
  case revoked([TopicPartition])
  /// These are gone, and another member may read them already. A commit of their offsets would fail.
  case lost([TopicPartition])
}

extension KafkaConsumer {
  /// librdkafka's callback for a rebalance, which runs inside `poll` and `close`: the partitions are held until this gives them back.
  func rebalance(
    _ handle: OpaquePointer, _ code: rd_kafka_resp_err_t, _ list: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>
  ) {
    let isCooperative = rd_kafka_rebalance_protocol(handle).map { String(cString: $0) == "COOPERATIVE" } ?? false
    switch code {
    case RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS:
      wasAssigned = true
      if let starts = onRebalance?(self, .assigned(list.pointee.offsets())) {
        for start in starts {
          rd_kafka_topic_partition_list_set_offset(list, start.partition.topic, start.partition.partition, start.offset)
        }
      }
      if isCooperative {
        report(rd_kafka_incremental_assign(handle, list), "taking assigned partitions")
      } else {
        report(rd_kafka_assign(handle, list), "taking assigned partitions")
      }
    case RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS:
      let partitions = list.pointee.partitions
      let isLost = rd_kafka_assignment_lost(handle) != 0
      dropTaken(of: partitions)
      _ = onRebalance?(self, isLost ? .lost(partitions) : .revoked(partitions))
      if isCooperative {
        report(rd_kafka_incremental_unassign(handle, list), "giving partitions back")
      } else {
        report(rd_kafka_assign(handle, nil), "giving partitions back")
      }
    default:
      report(code, "rebalancing")
      report(rd_kafka_assign(handle, nil), "giving partitions back")
    }
  }

  /// Gives partitions back and takes them again at these offsets, or where they are `invalid` at the committed ones. For those whose
  /// offsets the coordinator refused to tell: librdkafka 2.0.2 would not read them until they are assigned anew. Outside of `onRebalance`;
  /// with a cooperative assignor only.
  package func takeAgain(_ offsets: [PartitionOffset]) throws(KafkaError) {
    let handle = try handle()
    let partitions = offsets.map(\.partition)
    dropTaken(of: partitions)
    let context = "taking partitions again"
    let given = PartitionList(partitions).use { rd_kafka_incremental_unassign(handle, $0) }
    if let error = KafkaError(consuming: given, context: context) { throw error }
    let taken = PartitionList(offsets).use { rd_kafka_incremental_assign(handle, $0) }
    if let error = KafkaError(consuming: taken, context: context) { throw error }
  }

  private func report(_ error: OpaquePointer?, _ context: String) {
    if let error = KafkaError(consuming: error, context: context) { onError?(error, nil) }
  }

  private func report(_ code: rd_kafka_resp_err_t, _ context: String) {
    if let error = KafkaError(code, context: context) { onError?(error, nil) }
  }
}
