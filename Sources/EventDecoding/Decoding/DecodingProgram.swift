public import CEL

/// What a lane does with a record before its model sees it: where it belongs, its features, and what is copied into its prediction.
public struct DecodingProgram: Sendable {
  /// A member of the output record.
  public struct Member: Sendable {
    public let name: String
    public let expression: Expression

    public init(name: String, expression: Expression) {
      self.name = name
      self.expression = expression
    }
  }

  public let format: PayloadFormat
  public let routes: RouteTable
  /// Of one lane, in the order of the columns they are written to.
  public let features: [FeatureDefinition]
  /// The member `id`. A record without one is at fault.
  public let id: Expression?
  /// Further members. What is missing is null.
  public let include: [Member]
  /// What the routes read of an event.
  public let routeFields: FieldPlan
  /// What all expressions read: the fields of the routes first, with the same slots.
  public let allFields: FieldPlan

  /// - Parameter routeFields: the plan that the routes were compiled with.
  /// - Parameter allFields: the same plan after everything else was compiled with it, too.
  public init(
    format: PayloadFormat = .json, routes: RouteTable, features: [FeatureDefinition], id: Expression? = nil, include: [Member] = [],
    routeFields: FieldPlan, allFields: FieldPlan
  ) throws(DecodingProgramError) {
    guard allFields.paths.starts(with: routeFields.paths) else {
      throw DecodingProgramError(.routesNotFirst)
    }
    for feature in features { try feature.check() }
    self.format = format
    self.routes = routes
    self.features = features
    self.id = id
    self.include = include
    self.routeFields = routeFields
    self.allFields = allFields
    try PayloadReader.check(self)
  }
}
