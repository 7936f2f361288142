import CRdKafka

extension KafkaError {
  /// librdkafka's error number: negative ones are the client's own, positive ones a broker's.
  public struct Code: RawRepresentable, Hashable, Sendable {
    public let rawValue: Int32

    public init(rawValue: Int32) {
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
  public var name: String { String(cString: rd_kafka_err2name(error)) }
  /// librdkafka's sentence for it.
  public var reason: String { String(cString: rd_kafka_err2str(error)) }
  public var description: String { name }
}

extension KafkaError.Code {
  // The client's own.
  public static let transport = Self(RD_KAFKA_RESP_ERR__TRANSPORT)
  public static let fail = Self(RD_KAFKA_RESP_ERR__FAIL)
  public static let unknownTopic = Self(RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC)
  public static let unknownPartition = Self(RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION)
  public static let unknownGroup = Self(RD_KAFKA_RESP_ERR__UNKNOWN_GROUP)
  public static let allBrokersDown = Self(RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN)
  public static let resolve = Self(RD_KAFKA_RESP_ERR__RESOLVE)
  public static let invalidArgument = Self(RD_KAFKA_RESP_ERR__INVALID_ARG)
  public static let timedOut = Self(RD_KAFKA_RESP_ERR__TIMED_OUT)
  public static let messageTimedOut = Self(RD_KAFKA_RESP_ERR__MSG_TIMED_OUT)
  public static let queueFull = Self(RD_KAFKA_RESP_ERR__QUEUE_FULL)
  public static let endOfPartition = Self(RD_KAFKA_RESP_ERR__PARTITION_EOF)
  public static let state = Self(RD_KAFKA_RESP_ERR__STATE)
  public static let noOffset = Self(RD_KAFKA_RESP_ERR__NO_OFFSET)
  public static let autoOffsetReset = Self(RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET)
  public static let purgedFromQueue = Self(RD_KAFKA_RESP_ERR__PURGE_QUEUE)
  public static let purgedInFlight = Self(RD_KAFKA_RESP_ERR__PURGE_INFLIGHT)
  public static let fatal = Self(RD_KAFKA_RESP_ERR__FATAL)
  public static let fenced = Self(RD_KAFKA_RESP_ERR__FENCED)
  public static let maxPollExceeded = Self(RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED)
  public static let notImplemented = Self(RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED)
  public static let unsupportedFeature = Self(RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE)
  public static let assignmentLost = Self(RD_KAFKA_RESP_ERR__ASSIGNMENT_LOST)
  public static let authentication = Self(RD_KAFKA_RESP_ERR__AUTHENTICATION)
  public static let ssl = Self(RD_KAFKA_RESP_ERR__SSL)

  // A broker's.
  public static let unknown = Self(RD_KAFKA_RESP_ERR_UNKNOWN)
  public static let noError = Self(RD_KAFKA_RESP_ERR_NO_ERROR)
  public static let offsetOutOfRange = Self(RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE)
  public static let invalidMessage = Self(RD_KAFKA_RESP_ERR_INVALID_MSG)
  public static let unknownTopicOrPartition = Self(RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART)
  public static let leaderNotAvailable = Self(RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE)
  public static let notLeaderForPartition = Self(RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION)
  public static let requestTimedOut = Self(RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT)
  public static let messageSizeTooLarge = Self(RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE)
  public static let coordinatorLoadInProgress = Self(RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS)
  public static let coordinatorNotAvailable = Self(RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE)
  public static let notCoordinator = Self(RD_KAFKA_RESP_ERR_NOT_COORDINATOR)
  public static let topicException = Self(RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION)
  public static let notEnoughReplicas = Self(RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS)
  public static let illegalGeneration = Self(RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION)
  public static let unknownMember = Self(RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID)
  public static let rebalanceInProgress = Self(RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS)
  public static let topicAuthorizationFailed = Self(RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED)
  public static let groupAuthorizationFailed = Self(RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED)
  public static let topicAlreadyExists = Self(RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS)
  public static let invalidPartitions = Self(RD_KAFKA_RESP_ERR_INVALID_PARTITIONS)
  public static let outOfOrderSequence = Self(RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER)
  public static let invalidProducerEpoch = Self(RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH)
  public static let invalidRecord = Self(RD_KAFKA_RESP_ERR_INVALID_RECORD)
  public static let invalidTimestamp = Self(RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP)
  public static let storageError = Self(RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR)
  public static let groupIDNotFound = Self(RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND)
  public static let fencedInstance = Self(RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID)
}
