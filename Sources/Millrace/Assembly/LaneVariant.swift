/// What a replay's lanes have that the configuration's have not.
struct LaneVariant {
  /// Instead of `<group>.<lane>`.
  let group: String
  /// What every lane reads, whatever topics its section names: one worker serves them all.
  let topics: [String]
  /// Scores instead of each lane's own model.
  var model: String?
  let predictionTopic: String
  let deadLetterTopic: String
  /// A condition that every route gets in addition; records for which it doesn't hold go to a lane that there is not.
  let filter: String?
  /// What predictions carry of the event, instead of what the file includes: names and expressions.
  var members: [(name: String, expression: String)]?

  /// The configuration with everything of the variant that a file could say, too. Replays go down the throughput path: every lane
  /// batches, and no deadline counts. History is scored by the model or not at all: there is no fallback.
  func configuration(_ base: Configuration) -> Configuration {
    var result = base
    result.publish.topic.value = predictionTopic
    result.deadLetter.topic.value = deadLetterTopic
    if let members {
      result.publish.include = members.map { Configuration.Inclusion(name: Located($0.name), expression: Located($0.expression)) }
    }
    let batch = base.lanes.map(\.maxBatchSize.value).max() ?? 1
    let delay = base.lanes.map(\.maxDelay.value).max() ?? .zero
    for index in result.lanes.indices {
      if let model { result.lanes[index].model.value = model }
      result.lanes[index].maxBatchSize.value = batch
      result.lanes[index].maxDelay.value = max(delay, .milliseconds(20))
      // What is read again gives way to what is live, whatever a lane says of itself.
      let nice = result.lanes[index].threadNice
      result.lanes[index].nice?.value = max(nice, Configuration.Lane.patientNice)
      result.lanes[index].maxInFlight.value = max(batch, result.lanes[index].maxInFlight.value)
      result.lanes[index].deadline = nil
      result.lanes[index].onDeadline.value = .score
      result.lanes[index].fallback = nil
      if result.lanes[index].breaker.onOpen?.value == .fallback { result.lanes[index].breaker.onOpen = nil }
    }
    return result
  }

  /// A route's condition with the filter before it.
  func condition(_ when: Located<String>?) -> Located<String>? {
    guard let filter else { return when }
    guard let when else { return Located(filter) }
    return Located("(\(filter)) && (\(when.value))", at: when.location)
  }
}
