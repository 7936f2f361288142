import EventDecoding

/// How a lane routes and decodes the records of its topics. Topics with the same routes share a program.
struct LaneDecoding: Sendable {
  let programs: [DecodingProgram]
  let programByTopic: [String: Int]
  /// What writes the fields of a dead letter, one for each of `programs`; empty unless dead letters hold fields.
  let letterPrograms: [DecodingProgram]
  /// For each program, what its routes have to agree on with those under which a commit was made.
  private let routesInForce: [RoutesInForce]

  init(_ programs: [DecodingProgram], byTopic programByTopic: [String: Int], letters letterPrograms: [DecodingProgram]) {
    self.programs = programs
    self.programByTopic = programByTopic
    self.letterPrograms = letterPrograms
    routesInForce = programs.map { RoutesInForce($0.routes) }
  }

  /// A decoder for each of the programs, all of which write into these columns.
  /// - Parameter lane: the place of the lane that takes the rows among the configuration's.
  func decoders(writingTo columns: [FeatureColumn], lane: Int) throws -> [EventDecoder] {
    try programs.map { program in
      let decoder = try EventDecoder(program, lane: lane)
      try decoder.bind(columns)
      return decoder
    }
  }

  func routes(of topic: String) -> RoutesInForce { routesInForce[programByTopic[topic] ?? 0] }
}
