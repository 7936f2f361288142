import EventDecoding

/// Checks that concern several sections at once. Faulty parts have been reported by now and are left out: one mistake is one error.
extension Configuration {
  mutating func check(_ place: ConfigurationReader.Place, _ reader: inout ConfigurationReader) {
    checkLanes(&reader)
    checkTopics(place, &reader)
    checkRoutes(place, &reader)
    checkModels(&reader)
    checkMembers(&reader)
    checkFallbacks(&reader)
    checkTests(&reader)
  }

  private func checkLanes(_ reader: inout ConfigurationReader) {
    for lane in lanes {
      let name = lane.name.value
      if !lane.model.value.isEmpty, !models.isEmpty, model(named: lane.model.value) == nil {
        reader.report(
          "unknown model \(lane.model.value.shown) in lanes.\(name)", at: lane.model.location,
          help: ConfigurationReader.suggestion(for: lane.model.value, among: models.map(\.name.value), words: "models"))
      }
      if lane.maxInFlight.value < lane.maxBatchSize.value {
        reader.report(
          "'max_in_flight' in lanes.\(name) is less than max_batch_size: \(lane.maxInFlight.value) < \(lane.maxBatchSize.value)",
          at: lane.maxInFlight.location, help: "a full batch must fit: raise max_in_flight or lower max_batch_size")
      }
      let drain = lane.drainTimeout.value
      if drain > shutdownTimeout.value {
        reader.report(
          "'drain_timeout' in lanes.\(name) is longer than shutdown_timeout: \(drain.configured) > \(shutdownTimeout.value.configured)",
          at: lane.drainTimeout.location, help: "raise shutdown_timeout at the top level, or lower drain_timeout")
      }
      if lane.delivery.value == .exactlyOnce, let level = kafkaSettings(of: lane).property(named: "isolation.level"),
        level.value.value != "read_committed"
      {
        reader.report(
          "'isolation.level' of lanes.\(name) is \(level.value.value), which can't be with delivery: exactly_once",
          at: level.name.location,
          help: "remove it: such a consumer begins at offsets that an open transaction is about to change, and repeats its records")
      }
      let pauses = lane.retry.policy.longest
      if pauses > patience(of: lane) {
        reader.report(
          "the pauses of 'retry' in lanes.\(name) may take \(pauses.configured), more than half of max.poll.interval.ms "
            + "(\(maxPollIntervalMs(of: lane)))",
          at: lane.name.location, help: "lower max_attempts, interval or cap, or raise max.poll.interval.ms")
      }
    }
  }

  private func checkTopics(_ place: ConfigurationReader.Place, _ reader: inout ConfigurationReader) {
    for (key, topic) in [("publish", publish.topic), ("dead_letter", deadLetter.topic)] where !topic.value.isEmpty {
      if let lane = lanes.first(where: { reads($0, topic.value) }) {
        reader.report(
          "'topic' in \(key) is a topic that lane '\(lane.name.value)' reads: \(topic.value)", at: topic.location,
          help: "choose another, or the lane would read its own output for ever")
      }
    }
    if !publish.topic.value.isEmpty, publish.topic.value == deadLetter.topic.value {
      reader.report(
        "'topic' in dead_letter is also the topic of the predictions: \(deadLetter.topic.value)", at: deadLetter.topic.location,
        help: "choose another: their readers expect different records")
    }
  }

  private func checkModels(_ reader: inout ConfigurationReader) {
    for model in models where !model.name.value.isEmpty {
      let path = "models.\(model.name.value)"
      if !event.format.value.isModelInput {
        if model.writtenInputs == nil, !model.path.value.isEmpty {
          reader.report(
            "missing key 'inputs' in \(path)", at: model.name.location,
            help: "add it, for example: inputs: [{name: input, features: [event.amount]}]")
        }
        for (index, input) in model.inputs.enumerated() where input.writtenFeatures == nil && !input.name.value.isEmpty {
          reader.report(
            "missing key 'features' in \(path).inputs[\(index)]", at: input.name.location,
            help: "add it, for example: features: [event.amount]")
        }
      } else {
        if model.inputs.count > 1 {
          reader.report(
            "\(path) has \(model.inputs.count) inputs, but event.format is tensor", at: model.inputs[1].name.location,
            help: "a tensor payload fills one input: keep one, or use event.format json")
        }
        if let feature = model.inputs.first?.features.first {
          reader.report(
            "\(path).inputs[0] has features, but event.format is tensor", at: feature.expression.location,
            help: "the payload is the input's row as it stands: remove features, or use event.format json")
        }
      }
    }
  }

  /// Checks that the members of an output record have different names.
  private func checkMembers(_ reader: inout ConfigurationReader) {
    let reserved = ["id", "model", "version", "degraded", "lane"]
    let help = "give it another name"
    var included: [String: SourceLocation] = [:]
    for item in publish.include {
      let name = item.name.value
      if reserved.contains(name) {
        reader.report("predictions have a member \(name.shown) of their own", at: item.name.location, help: "\(help): - NAME: EXPRESSION")
      } else if let first = included[name] {
        reader.report(
          "'include' in publish names \(name.shown) twice", at: item.name.location, help: "\(help); the other is at line \(first.line)")
      }
      included[name] = included[name] ?? item.name.location
    }
    for output in models.flatMap(\.outputs) {
      let name = output.name.value
      if reserved.contains(name) {
        reader.report("predictions have a member \(name.shown) of their own", at: output.name.location, help: help)
      } else if let first = included[name] {
        reader.report(
          "the output \(name.shown) is also a name of publish.include", at: output.name.location,
          help: "\(help), or the one at line \(first.line)")
      }
    }
  }
}
