import EventDecoding
import ModelRuntime

/// Puts records through routes, features, model and output as a lane's worker does, with the worker's own parts and without Kafka.
/// One thread.
public final class EventTrial {
  private let configuration: Configuration
  private let benches: [LaneBench]

  /// Loads the models and compiles all lanes.
  /// - Throws: `ConfigurationError` with every fault of the configuration; `ModelError` if a model can't run.
  public init(_ configuration: Configuration) throws {
    self.configuration = configuration
    benches = try LaneCompiler(configuration).lanes().map { try LaneBench($0) }
  }

  /// What becomes of the record.
  /// - Returns: nil if no lane reads the record's topic.
  public func run(_ record: TrialRecord) -> TrialOutcome? {
    guard let topic = record.topic ?? configuration.allTopics.first else { return nil }
    return record.withView(topic: topic) { view in run(view, topic) }
  }

  private func run(_ record: RecordView, _ topic: String) -> TrialOutcome? {
    // Any lane's decoder tells the same lane: the route is a pure function of the record.
    guard let first = benches.first(where: { $0.lane.programByTopic[topic] != nil }), let router = first.decoder(forTopic: topic) else {
      return nil
    }
    let target = router.route(record).lane
    guard let bench = benches.first(where: { $0.lane.index == target }), let decoder = bench.decoder(forTopic: topic) else { return nil }
    let routing = decoder.route(record)
    let rules = rules(forTopic: topic)
    let failed = decoder.failedRules(before: routing.rule).map { TrialOutcome.FailedRule(rule: rules[$0.rule], reason: $0.reason) }

    var members = ByteBuffer()
    var features: [TrialOutcome.Feature] = []
    var prediction: String?
    var fault: TrialOutcome.Fault?
    if let failure = decoder.decode(row: 0, members: &members) {
      fault = TrialOutcome.Fault(stage: .decode, message: failure.description)
    } else {
      features = bench.lane.trialFeatures(of: bench.scorer.inputs, topic: topic)
      do {
        prediction = try bench.score(members).get()
      } catch {
        fault = TrialOutcome.Fault(stage: .score, message: (error as? LaneBench.Failure)?.message ?? "\(error)")
      }
    }
    return TrialOutcome(
      lane: bench.lane.name, rule: rules[routing.rule], failedRules: failed, id: decoder.idOfLast(), features: features,
      prediction: prediction, fault: fault)
  }

  /// The rules that a record of the topic may meet, in the order in which it meets them.
  private func rules(forTopic topic: String) -> [TrialOutcome.Rule] {
    configuration.routes(forTopic: topic).map { route in
      let number = configuration.routes.firstIndex { $0.location == route.location } ?? 0
      return TrialOutcome.Rule(number: number + 1, when: route.when.map { configuration.redacted($0.value) })
    }
  }
}

extension Lane {
  /// The first row of the tensors, by the names of the features.
  func trialFeatures(of tensors: InputTensors, topic: String) -> [TrialOutcome.Feature] {
    let definitions = programByTopic[topic].map { programs[$0].features } ?? []
    return zip(definitions, features).map { definition, place in
      let values = (place.column..<place.column + place.width).map { tensors.json(input: place.input, column: $0) }
      return TrialOutcome.Feature(name: definition.name, values: values, isVector: definition.vector != nil)
    }
  }
}

extension InputTensors {
  /// An element of the first row as JSON text; NaN and the infinities are strings.
  fileprivate func json(input: Int, column: Int) -> String {
    let block = block(input)
    let element = block.base + column * block.elementType.byteWidth
    var text = ByteBuffer()
    switch block.elementType {
    case .float32:
      let number = element.load(as: Float.self)
      if number.isFinite { text.append(number) } else { text.append(quoted: number.isNaN ? "NaN" : "\(number)") }
    case .float64:
      let number = element.load(as: Double.self)
      if number.isFinite { text.append(number) } else { text.append(quoted: number.isNaN ? "NaN" : "\(number)") }
    case .int64: text.append(element.load(as: Int64.self))
    case .int32: text.append(element.load(as: Int32.self))
    case .bool: text.append(element.load(as: UInt8.self) == 0 ? "false" : "true" as String)
    case .string: text.append(quoted: string(input: input, row: 0, column: column))
    }
    return String(decoding: text.bytes, as: UTF8.self)
  }
}
