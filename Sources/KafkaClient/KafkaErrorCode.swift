import CRdKafka

extension KafkaError {
  /// librdkafka's error number: negative ones are the client's own, positive ones a broker's.
  package struct Code: RawRepresentable, Hashable, Sendable {
    package let rawValue: Int32

    package init(rawValue: Int32) {
      self.rawValue = rawValue
    }

    init(_ error: rd_kafka_resp_err_t) {
      rawValue = Int32(error.rawValue)
    }

    var error: rd_kafka_resp_err_t { rd_kafka_resp_err_t(rawValue) }
  }
}

extension KafkaError.Code: CustomStringConvertible {
  /// librdkafka's name, such as `_QUEUE_FULL` or `UNKNOWN_TOPIC_OR_PART`.
  package var name: String { String(cString: rd_kafka_err2name(error)) }
  /// librdkafka's sentence for it.
  package var reason: String { String(cString: rd_kafka_err2str(error)) }
  package var description: String { name }
}

extension KafkaError.Code {
  // The client's own.
  package static let transport = Self(RD_KAFKA_RESP_ERR__TRANSPORT)
  package static let fail = Self(RD_KAFKA_RESP_ERR__FAIL)
  package static let unknownTopic = Self(RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC)
  package static let unknownPartition = Self(RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION)
  package static let unknownGroup = Self(RD_KAFKA_RESP_ERR__UNKNOWN_GROUP)
  package static let allBrokersDown = Self(RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN)
  package static let resolve = Self(RD_KAFKA_RESP_ERR__RESOLVE)
  package static let invalidArgument = Self(RD_KAFKA_RESP_ERR__INVALID_ARG)
  package static let timedOut = Self(RD_KAFKA_RESP_ERR__TIMED_OUT)
  package static let messageTimedOut = Self(RD_KAFKA_RESP_ERR__MSG_TIMED_OUT)
  package static let queueFull = Self(RD_KAFKA_RESP_ERR__QUEUE_FULL)
  package static let endOfPartition = Self(RD_KAFKA_RESP_ERR__PARTITION_EOF)
  package static let state = Self(RD_KAFKA_RESP_ERR__STATE)
  package static let noOffset = Self(RD_KAFKA_RESP_ERR__NO_OFFSET)
  package static let autoOffsetReset = Self(RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET)
  package static let purgedFromQueue = Self(RD_KAFKA_RESP_ERR__PURGE_QUEUE)
  package static let purgedInFlight = Self(RD_KAFKA_RESP_ERR__PURGE_INFLIGHT)
  package static let fatal = Self(RD_KAFKA_RESP_ERR__FATAL)
  package static let fenced = Self(RD_KAFKA_RESP_ERR__FENCED)
  package static let maxPollExceeded = Self(RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED)
  package static let notImplemented = Self(RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED)
  package static let unsupportedFeature = Self(RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE)
  package static let assignmentLost = Self(RD_KAFKA_RESP_ERR__ASSIGNMENT_LOST)
  package static let authentication = Self(RD_KAFKA_RESP_ERR__AUTHENTICATION)
  package static let ssl = Self(RD_KAFKA_RESP_ERR__SSL)

  // A broker's.
  package static let unknown = Self(RD_KAFKA_RESP_ERR_UNKNOWN)
  package static let noError = Self(RD_KAFKA_RESP_ERR_NO_ERROR)
  package static let offsetOutOfRange = Self(RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE)
  package static let invalidMessage = Self(RD_KAFKA_RESP_ERR_INVALID_MSG)
  package static let unknownTopicOrPartition = Self(RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART)
  package static let leaderNotAvailable = Self(RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE)
  package static let notLeaderForPartition = Self(RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION)
  package static let requestTimedOut = Self(RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT)
  package static let messageSizeTooLarge = Self(RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE)
  package static let coordinatorLoadInProgress = Self(RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS)
  package static let coordinatorNotAvailable = Self(RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE)
  package static let notCoordinator = Self(RD_KAFKA_RESP_ERR_NOT_COORDINATOR)
  package static let topicException = Self(RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION)
  package static let notEnoughReplicas = Self(RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS)
  package static let illegalGeneration = Self(RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION)
  package static let unknownMember = Self(RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID)
  package static let rebalanceInProgress = Self(RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS)
  package static let topicAuthorizationFailed = Self(RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED)
  package static let groupAuthorizationFailed = Self(RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED)
  package static let topicAlreadyExists = Self(RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS)
  package static let invalidPartitions = Self(RD_KAFKA_RESP_ERR_INVALID_PARTITIONS)
  package static let outOfOrderSequence = Self(RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER)
  package static let invalidProducerEpoch = Self(RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH)
  package static let invalidRecord = Self(RD_KAFKA_RESP_ERR_INVALID_RECORD)
  package static let invalidTimestamp = Self(RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP)
  package static let storageError = Self(RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR)
  package static let groupIDNotFound = Self(RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND)
  package static let fencedInstance = Self(RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID)
}

extension KafkaError.Code {
  /// Whether a broker refuses a record with this code for what it is, by its size or timestamp.
  var isRefusalOfRecord: Bool { [.messageSizeTooLarge, .invalidMessage, .invalidRecord, .invalidTimestamp].contains(self) }
}
