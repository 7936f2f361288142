import CEL

/// What a lane does with a record before its model sees it: where it belongs, its features, and what is copied into its prediction.
package struct DecodingProgram: Sendable {
  /// A member of the output record.
  package struct Member: Sendable {
    package let name: String
    package let expression: Expression

    package init(name: String, expression: Expression) {
      self.name = name
      self.expression = expression
    }
  }

  package let format: PayloadFormat
  package let routes: RouteTable
  /// Of one lane, in the order of the columns they are written to.
  package let features: [FeatureDefinition]
  /// The member `id`. A record without one is at fault.
  package let id: Expression?
  /// Further members. What is missing is null.
  package let include: [Member]
  /// What the routes read of an event.
  package let routeFields: FieldPlan
  /// What all expressions read: the fields of the routes first, with the same slots.
  package let allFields: FieldPlan

  /// - Parameter routeFields: the plan that the routes were compiled with.
  /// - Parameter allFields: the same plan after everything else was compiled with it, too.
  package init(
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
