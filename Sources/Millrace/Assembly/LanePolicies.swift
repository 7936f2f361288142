/// How a lane's records are gathered to batches.
struct LaneBatching: Sendable {
  let maxRows: Int
  let maxDelay: Duration
  /// nil where batches are not sized by what they cost: at once, or always full.
  let sizing: BatchSizing?

  init(_ lane: Configuration.Lane, of configuration: Configuration) {
    maxRows = lane.maxBatchSize.value
    maxDelay = lane.maxDelay.value
    if lane.maxDelay.value > .zero, lane.batching.value == .learned {
      let others = configuration.lanes.filter { $0.name.value != lane.name.value }
      // A batch that runs is not interrupted: on a full machine it takes from the time that others have.
      let deadline = others.compactMap(\.deadline?.value).min()
      sizing = BatchSizing(maxRows: lane.maxBatchSize.value, maxBusy: deadline.map { $0 / 5 })
    } else {
      sizing = nil
    }
  }
}

/// What becomes of a lane's records when the model fails, or too late, or too often.
struct LaneScoring: Sendable {
  let retry: RetryPolicy
  /// What all pauses of one batch's retries may take together.
  let retryBudget: Duration
  let breaker: CircuitBreaker
  /// What becomes of records while the circuit is open.
  let onOpen: Configuration.Breaker.Policy
  let fallback: Fallback?
  /// Counts from the record's timestamp to the acknowledgement of its prediction; later ones are counted.
  let deadline: Duration?
  /// What becomes of records that are older than the deadline when they could be scored.
  let onDeadline: Configuration.Lane.DeadlinePolicy
  let deadLetterLimits: DeadLetterLimits
  let publishesInvalid: Bool

  init(_ lane: Configuration.Lane, of configuration: Configuration, fallback: Fallback?) {
    retry = lane.retry.policy
    retryBudget = configuration.patience(of: lane)
    breaker = CircuitBreaker(failureThreshold: lane.breaker.failureThreshold.value, openFor: lane.breaker.openFor.value)
    onOpen = lane.whenOpen
    self.fallback = fallback
    deadline = lane.deadline?.value
    onDeadline = lane.onDeadline.value
    deadLetterLimits = DeadLetterLimits(
      maxConsecutive: configuration.deadLetter.maxConsecutive?.value, maxRatio: configuration.deadLetter.maxRatio?.value)
    publishesInvalid = lane.onInvalidPrediction.value == .publish
  }
}

/// Where a lane's outputs go, and when what it has read is committed.
struct LaneDelivery: Sendable {
  let predictionTopic: String
  let deadLetterTopic: String
  let deadLetterPayload: Configuration.DeadLetter.Payload
  let maxInFlight: Int
  let commitInterval: Duration
  let drainTimeout: Duration
  /// How long a transaction may stay open; nil without transactions.
  let transactionInterval: Duration?

  init(_ lane: Configuration.Lane, of configuration: Configuration) {
    predictionTopic = configuration.publish.topic.value
    deadLetterTopic = configuration.deadLetter.topic.value
    deadLetterPayload = configuration.deadLetter.payload.value
    maxInFlight = lane.maxInFlight.value
    commitInterval = lane.commitInterval.value
    drainTimeout = lane.drainTimeout.value
    transactionInterval = lane.delivery.value == .exactlyOnce ? lane.transactionInterval.value : nil
  }
}
