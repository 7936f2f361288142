import CRdKafka

/// A topic to create.
package struct NewTopic: Hashable, Sendable {
  package var name: String
  /// How many partitions it is to have; -1 for the cluster's default.
  package var partitions: Int
  /// How many replicas of each partition; -1 for the cluster's default.
  package var replicationFactor: Int
  /// The topic's own configuration, such as `cleanup.policy`.
  package var properties: [String: String]

  package init(_ name: String, partitions: Int = -1, replicationFactor: Int = -1, properties: [String: String] = [:]) {
    self.name = name
    self.partitions = partitions
    self.replicationFactor = replicationFactor
    self.properties = properties
  }
}

/// Requests that librdkafka answers through a queue.
extension KafkaAdmin {
  /// Creates topics, and returns the errors of those that could not be created, by name.
  package func createTopics(_ topics: [NewTopic], timeoutMs: Int32 = 30_000) throws(KafkaError) -> [String: KafkaError] {
    var requests: [OpaquePointer?] = []
    defer { rd_kafka_NewTopic_destroy_array(&requests, requests.count) }
    for topic in topics {
      let context = "creating topic \(topic.name)"
      let (request, text) = withErrorText {
        rd_kafka_NewTopic_new(topic.name, Int32(clamping: topic.partitions), Int32(clamping: topic.replicationFactor), $0, $1)
      }
      guard let request else { throw KafkaError(.invalidArgument, reason: text, context: context) }
      requests.append(request)
      for (name, value) in topic.properties {
        try rd_kafka_NewTopic_set_config(request, name, value).orThrow("\(context): \(name) = \(value)")
      }
    }
    return try ask(RD_KAFKA_ADMIN_OP_CREATETOPICS, "creating topics", timeoutMs) {
      rd_kafka_CreateTopics($0, &requests, requests.count, $1, $2)
    } read: { event in
      var count = 0
      let results = rd_kafka_event_CreateTopics_result(event).flatMap { rd_kafka_CreateTopics_result_topics($0, &count) }
      return failures(results, count, "creating topic")
    }
  }

  /// Deletes topics, and returns the errors of those that could not be deleted, by name.
  package func deleteTopics(_ topics: [String], timeoutMs: Int32 = 30_000) throws(KafkaError) -> [String: KafkaError] {
    var requests: [OpaquePointer?] = topics.map { rd_kafka_DeleteTopic_new($0) }
    defer { rd_kafka_DeleteTopic_destroy_array(&requests, requests.count) }
    return try ask(RD_KAFKA_ADMIN_OP_DELETETOPICS, "deleting topics", timeoutMs) {
      rd_kafka_DeleteTopics($0, &requests, requests.count, $1, $2)
    } read: { event in
      var count = 0
      let results = rd_kafka_event_DeleteTopics_result(event).flatMap { rd_kafka_DeleteTopics_result_topics($0, &count) }
      return failures(results, count, "deleting topic")
    }
  }

  /// The configuration of a topic, without sensitive properties.
  package func properties(ofTopic topic: String, timeoutMs: Int32 = 10_000) throws(KafkaError) -> [String: String] {
    let context = "reading the properties of topic \(topic)"
    var requests: [OpaquePointer?] = [rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic)]
    defer { rd_kafka_ConfigResource_destroy_array(&requests, requests.count) }
    return try ask(RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, context, timeoutMs) {
      rd_kafka_DescribeConfigs($0, &requests, requests.count, $1, $2)
    } read: { (event) throws(KafkaError) in
      var count = 0
      let results = rd_kafka_event_DescribeConfigs_result(event).flatMap { rd_kafka_DescribeConfigs_result_resources($0, &count) }
      var properties: [String: String] = [:]
      for resource in UnsafeBufferPointer(start: results, count: count) {
        try rd_kafka_ConfigResource_error(resource).orThrow(context)
        var entries = 0
        let list = rd_kafka_ConfigResource_configs(resource, &entries)
        for entry in UnsafeBufferPointer(start: list, count: entries) where rd_kafka_ConfigEntry_is_sensitive(entry) == 0 {
          guard let name = rd_kafka_ConfigEntry_name(entry), let value = rd_kafka_ConfigEntry_value(entry) else { continue }
          properties[String(cString: name)] = String(cString: value)
        }
      }
      return properties
    }
  }

  /// The offsets that a group has committed for these partitions, `invalid` where none; for nil, of every partition for which it has any.
  ///
  /// librdkafka 2.0.2 ends the process when this times out: where brokers may fail, ask `KafkaConsumer.committed` of a consumer with the
  /// group's id that joins nothing.
  package func committedOffsets(
    group: String, partitions: [TopicPartition]? = nil, timeoutMs: Int32 = 10_000
  ) throws(KafkaError) -> [PartitionOffset] {
    let context = "reading the offsets of group \(group)"
    var requests: [OpaquePointer?] = [nil]
    if let partitions {
      let list = PartitionList(partitions)
      requests[0] = list.use { rd_kafka_ListConsumerGroupOffsets_new(group, $0) }
    } else {
      requests[0] = rd_kafka_ListConsumerGroupOffsets_new(group, nil)
    }
    defer { rd_kafka_ListConsumerGroupOffsets_destroy_array(&requests, requests.count) }
    do throws(KafkaError) {
      return try ask(RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS, context, timeoutMs) {
        rd_kafka_ListConsumerGroupOffsets($0, &requests, requests.count, $1, $2)
      } read: { (event) throws(KafkaError) in
        try Self.groupOffsets(event, context)
      }
    } catch {
      // A group that the coordinator doesn't know has committed nothing; not every coordinator makes an error of that.
      guard error.code == .groupIDNotFound else { throw error }
      return (partitions ?? []).map { PartitionOffset($0, offset: PartitionOffset.invalid) }
    }
  }

  private static func groupOffsets(_ event: OpaquePointer, _ context: String) throws(KafkaError) -> [PartitionOffset] {
    var count = 0
    let results = rd_kafka_event_ListConsumerGroupOffsets_result(event)
      .flatMap { rd_kafka_ListConsumerGroupOffsets_result_groups($0, &count) }
    guard count > 0, let result = results?[0] else { return [] }
    if let error = rd_kafka_group_result_error(result) {
      // It belongs to the result.
      let reason = rd_kafka_error_string(error).map { String(cString: $0) }
      throw KafkaError(KafkaError.Code(rd_kafka_error_code(error)), reason: reason, context: context)
    }
    return rd_kafka_group_result_partitions(result)?.pointee.offsets("committed offset of") ?? []
  }

  private func failures(
    _ results: UnsafeMutablePointer<OpaquePointer?>?, _ count: Int, _ context: String
  ) -> [String: KafkaError] {
    var failures: [String: KafkaError] = [:]
    for result in UnsafeBufferPointer(start: results, count: count) {
      guard let name = rd_kafka_topic_result_name(result).map({ String(cString: $0) }) else { continue }
      let code = rd_kafka_topic_result_error(result)
      if code == RD_KAFKA_RESP_ERR_NO_ERROR { continue }
      let reason = rd_kafka_topic_result_error_string(result).map { String(cString: $0) }
      failures[name] = KafkaError(KafkaError.Code(code), reason: reason, context: "\(context) \(name)")
    }
    return failures
  }

  /// Sends a request, waits for its answer, and lets `read` copy out of it what is wanted.
  private func ask<Result>(
    _ operation: rd_kafka_admin_op_t, _ context: String, _ timeoutMs: Int32,
    _ request: (OpaquePointer, OpaquePointer?, OpaquePointer) -> Void,
    read: (OpaquePointer) throws(KafkaError) -> Result
  ) throws(KafkaError) -> Result {
    let handle = try handle()
    guard let queue = rd_kafka_queue_new(handle) else { throw KafkaError(.fail, context: context) }
    defer { rd_kafka_queue_destroy(queue) }
    let options = rd_kafka_AdminOptions_new(handle, operation)
    defer { rd_kafka_AdminOptions_destroy(options) }
    let (result, text) = withErrorText { rd_kafka_AdminOptions_set_request_timeout(options, timeoutMs, $0, $1) }
    if result != RD_KAFKA_RESP_ERR_NO_ERROR { throw KafkaError(KafkaError.Code(result), reason: text, context: context) }
    request(handle, options, queue)
    // The request times out by itself, with a reason; the extra second is for that answer.
    guard let event = rd_kafka_queue_poll(queue, timeoutMs &+ 1_000) else { throw KafkaError(.timedOut, context: context) }
    defer { rd_kafka_event_destroy(event) }
    let code = rd_kafka_event_error(event)
    if code != RD_KAFKA_RESP_ERR_NO_ERROR {
      let reason = rd_kafka_event_error_string(event).map { String(cString: $0) }
      throw KafkaError(KafkaError.Code(code), reason: reason, context: context)
    }
    return try read(event)
  }
}
