import EventDecoding
import ModelRuntime

/// A dry run: puts records through routes, features, model and output as a lane's worker does, with the worker's own parts and without
/// Kafka. One thread.
public final class DryRun {
  private let configuration: Configuration
  private let lanes: [DryRunLane]

  /// Loads the models and compiles all lanes.
  /// - Parameters:
  ///   - configuration: as `Configuration.load` gives it.
  ///   - models: as in `LaneCompiler`.
  /// - Throws: `ConfigurationError` with every fault of the configuration; `ModelError` if a model can't run.
  public init(_ configuration: Configuration, models: [String: any Model] = [:]) throws {
    self.configuration = configuration
    lanes = try LaneCompiler(configuration, models: models).lanes().map { try DryRunLane($0) }
  }

  /// What becomes of the record.
  /// - Returns: nil if no lane reads the record's topic.
  public func run(_ record: DryRunRecord) -> DryRunOutcome? {
    guard let topic = record.topic ?? configuration.allTopics.first else { return nil }
    return record.withView(topic: topic) { view in run(view, topic) }
  }

  private func run(_ record: RecordView, _ topic: String) -> DryRunOutcome? {
    // Any lane's decoder tells the same lane: the route is a pure function of the record.
    guard let router = lanes.lazy.compactMap({ $0.decoder(forTopic: topic) }).first else { return nil }
    let target = router.route(record).lane
    guard let own = lanes.first(where: { $0.lane.index == target }), let decoder = own.decoder(forTopic: topic) else { return nil }
    let routing = decoder.route(record)
    let rules = rules(forTopic: topic)
    let failed = decoder.failedRules(before: routing.rule).map { DryRunOutcome.FailedRule(rule: rules[$0.rule], reason: $0.reason) }

    var members = ByteBuffer()
    var features: [DryRunOutcome.Feature] = []
    var prediction: String?
    var fault: DryRunOutcome.Fault?
    if let failure = decoder.decode(row: 0, members: &members) {
      fault = DryRunOutcome.Fault(stage: .decode, message: failure.description)
    } else {
      features = own.lane.firstRowFeatures(of: own.inputs, topic: topic)
      do {
        prediction = try own.score(members).get()
      } catch {
        fault = DryRunOutcome.Fault(stage: .score, message: (error as? DryRunLane.Failure)?.message ?? "\(error)")
      }
    }
    return DryRunOutcome(
      lane: own.lane.name, rule: rules[routing.rule], failedRules: failed, id: decoder.idOfLast(), features: features,
      prediction: prediction, fault: fault)
  }

  /// The rules that a record of the topic may meet, in the order in which it meets them.
  private func rules(forTopic topic: String) -> [DryRunOutcome.Rule] {
    configuration.routes(forTopic: topic).map { route in
      let number = configuration.routes.firstIndex { $0.location == route.location } ?? 0
      return DryRunOutcome.Rule(number: number + 1, when: route.when.map { configuration.redacted($0.value) })
    }
  }
}

extension Lane {
  /// The features of the first row of the tensors, by their names.
  func firstRowFeatures(of tensors: InputTensors, topic: String) -> [DryRunOutcome.Feature] {
    let definitions = decoding.programByTopic[topic].map { decoding.programs[$0].features } ?? []
    return zip(definitions, slot.current.features).map { definition, place in
      let values = (place.column..<place.column + place.width).map { tensors.json(input: place.input, column: $0) }
      return DryRunOutcome.Feature(name: definition.name, values: values, isVector: definition.vector != nil)
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
