import CEL
import EventDecoding
import ModelRuntime

/// Makes lanes of a configuration: loads the models, compiles the expressions, and checks that all of it fits.
public struct LaneCompiler {
  private let configuration: Configuration
  /// Puts something between the lanes and their models: for tests.
  var wrap: (any Model) -> any Model = { $0 }
  private let variant: LaneVariant?
  private let ownModels: [String: any Model]

  /// Takes a configuration, and what it does not hold.
  /// - Parameters:
  ///   - configuration: as `Configuration.load` gives it.
  ///   - models: models of the program's own, by their names in the configuration; their `path` is then not opened.
  public init(_ configuration: Configuration, models: [String: any Model] = [:]) {
    self.init(configuration, variant: nil, models: models)
  }

  init(_ configuration: Configuration, variant: LaneVariant?, models: [String: any Model] = [:]) {
    self.configuration = variant?.configuration(configuration) ?? configuration
    self.variant = variant
    ownModels = models
  }

  /// Makes the lanes.
  /// - Parameter names: only these lanes; nil for all.
  /// - Throws: `ConfigurationError` with every fault that was found.
  public func lanes(named names: [String]? = nil) throws(ConfigurationError) -> [Lane] {
    for name in names ?? [] where configuration.lane(named: name) == nil {
      let place = SourceLocation(file: configuration.file, line: 0, column: 0)
      throw ConfigurationError([
        Diagnostic("there is no lane '\(name)'", at: place, help: configuration.suggestion(forLane: name))
      ])
    }
    var faults: [Diagnostic] = []
    var models: [String: ModelBinding] = [:]
    var lanes: [Lane] = []
    for (index, lane) in configuration.lanes.enumerated() where names?.contains(lane.name.value) ?? true {
      guard let settings = configuration.model(named: lane.model.value) else { continue }
      do throws(ConfigurationError) {
        let model = try load(settings, &models)
        let fallback = try fallback(of: lane, model, &models)
        let used = [lane.model.value] + (lane.fallback?.model.map { [$0.value] } ?? [])
        let probes = used.compactMap { name in models[name].map { (name, $0.rowProbe) } }
        lanes.append(try compile(lane, index, model, fallback: fallback, rowProbes: probes))
      } catch {
        faults += error.diagnostics
      }
    }
    if !faults.isEmpty { throw ConfigurationError(faults) }
    return lanes
  }

  private func load(_ settings: Configuration.Model, _ models: inout [String: ModelBinding]) throws(ConfigurationError) -> ModelBinding {
    if let loaded = models[settings.name.value] { return loaded }
    var model = try ModelBinding(settings, of: configuration, own: ownModels[settings.name.value])
    model.model = wrap(model.model)
    models[settings.name.value] = model
    return model
  }

  private func fallback(
    of lane: Configuration.Lane, _ model: ModelBinding, _ models: inout [String: ModelBinding]
  ) throws(ConfigurationError) -> Fallback? {
    guard let settings = lane.fallback else { return nil }
    let compiler = FallbackCompiler(source: configuration.source, lane: lane, model: model)
    guard let name = settings.model else { return try compiler.compile(settings.outputs) }
    guard let other = configuration.model(named: name.value) else { return nil }
    return try compiler.compile(try load(other, &models), at: name.location)
  }

  /// The id of an event that names none: where its record stands.
  private static let sourcePlace = #"topic + "/" + string(partition) + "/" + string(offset)"#

  private func compile(
    _ lane: Configuration.Lane, _ index: Int, _ model: ModelBinding, fallback: Fallback?,
    rowProbes: [(model: String, outcome: RowProbe.Outcome)]
  ) throws(ConfigurationError) -> Lane {
    var programs: [DecodingProgram] = []
    var letterPrograms: [DecodingProgram] = []
    var programByRules: [[SourceLocation]: Int] = [:]
    var programByTopic: [String: Int] = [:]
    for topic in variant?.topics ?? configuration.topics(of: lane).map(\.value) {
      let routes = configuration.routes(forTopic: topic)
      // Where no route decides, the topic's only reader has its records.
      let owner = variant.flatMap { _ in configuration.lanes.firstIndex { configuration.reads($0, topic) } } ?? index
      let rules = routes.isEmpty ? [configuration.lanes[owner].name.location] : routes.map(\.location)
      if let known = programByRules[rules] {
        programByTopic[topic] = known
        continue
      }
      programByRules[rules] = programs.count
      programByTopic[topic] = programs.count
      programs.append(try program(routes, lane, model.definitions, owner: owner))
      if configuration.deadLetter.payload.value == .fields { letterPrograms.append(try letterProgram(routes, lane, owner: owner)) }
    }
    let decoding = LaneDecoding(programs, byTopic: programByTopic, letters: letterPrograms)
    try checkColumns(of: decoding, index, model)
    return Lane(
      lane, of: configuration, index: index, model: model, decoding: decoding, fallback: fallback, variant: variant, rowProbes: rowProbes)
  }

  /// What a worker would find when it binds the features to the tensors: found here, where the feature's line is known.
  private func checkColumns(of decoding: LaneDecoding, _ lane: Int, _ model: ModelBinding) throws(ConfigurationError) {
    do {
      _ = try decoding.decoders(writingTo: model.columns(of: InputTensors(model.inputs, capacity: 1)), lane: lane)
    } catch {
      throw fault(error, of: configuration.lanes[lane], model.definitions, help: "the model is \(model.model.signature)")
    }
  }

  /// An error of decoding as a fault of the file: at the feature that it is about, or else at the lane.
  private func fault(
    _ error: any Error, of lane: Configuration.Lane, _ definitions: [Configuration.Feature], help: String? = nil
  ) -> ConfigurationError {
    let name = (error as? DecodingProgramError)?.feature
    let feature = definitions.first { $0.name.value == name }
    return ConfigurationError([
      configuration.source.diagnostic("\(error)", at: feature?.expression.location ?? lane.name.location, help: help)
    ])
  }

  /// What writes a dead letter's fields: they are told as far as they are there, the id included.
  private func letterProgram(
    _ routes: [Configuration.Route], _ lane: Configuration.Lane, owner: Int
  ) throws(ConfigurationError) -> DecodingProgram {
    let full = try program(routes, lane, [], owner: owner)
    let id = full.id.map { [DecodingProgram.Member(name: "id", expression: $0)] } ?? []
    do throws(DecodingProgramError) {
      return try DecodingProgram(
        format: full.format, routes: full.routes, features: [], include: id + full.include, routeFields: full.routeFields,
        allFields: full.allFields)
    } catch {
      throw fault(error, of: lane, [])
    }
  }

  private func program(
    _ routes: [Configuration.Route], _ lane: Configuration.Lane, _ definitions: [Configuration.Feature], owner: Int
  ) throws(ConfigurationError) -> DecodingProgram {
    var expressions = ExpressionCompiler(configuration)
    var table: [Route] = []
    for route in routes {
      let target = configuration.lanes.firstIndex { $0.name.value == route.lane.value }
      guard let target else { continue }
      let condition = variant.map { $0.condition(route.when) } ?? route.when
      table.append(Route(lane: target, when: condition.flatMap { expressions.compile($0, expecting: .bool) }))
    }
    if table.isEmpty {
      let condition = variant?.condition(nil).flatMap { expressions.compile($0, expecting: .bool) }
      table.append(Route(lane: owner, when: condition))
    }
    var laneNames = configuration.lanes.map(\.name.value)
    if variant?.filter != nil {
      // The lane of what the filter leaves out, which nobody serves.
      table.append(Route(lane: laneNames.count, when: nil))
      laneNames.append("")
    }
    let routeFields = expressions.fields
    let features = definitions.compactMap { expressions.feature($0) }
    let mask = FieldMask(configuration, &expressions)
    let id = expressions.compile(configuration.event.id ?? Located(Self.sourcePlace))
    let include = configuration.publish.include.compactMap { inclusion in
      expressions.compile(mask.hides(inclusion.expression) ? FieldMask.substitute : inclusion.expression)
        .map { DecodingProgram.Member(name: inclusion.name.value, expression: $0) }
    }
    if !expressions.faults.isEmpty { throw ConfigurationError(expressions.faults) }
    do throws(DecodingProgramError) {
      return try DecodingProgram(
        format: configuration.event.format.value, routes: try RouteTable(laneNames: laneNames, routes: table),
        features: features, id: id, include: include, routeFields: routeFields, allFields: expressions.fields)
    } catch {
      throw fault(error, of: lane, definitions)
    }
  }
}
