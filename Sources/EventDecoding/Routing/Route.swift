import CEL

/// A rule of the route table: records that it matches belong to its lane, unless an earlier rule matched.
public struct Route: Sendable {
  /// The number of the lane.
  public let lane: Int
  /// A condition; nil matches every record.
  public let when: Expression?

  public init(lane: Int, when: Expression? = nil) {
    self.lane = lane
    self.when = when
  }
}

/// Where a record belongs, and how that was found.
@frozen
public struct Routing: Equatable, Sendable {
  /// The number of the lane.
  public let lane: Int
  /// The number of the rule that matched.
  public let rule: Int
  /// How many rules before it failed on the record; a rule that fails does not match.
  public let failedRules: Int

  @inlinable
  public init(lane: Int, rule: Int, failedRules: Int) {
    self.lane = lane
    self.rule = rule
    self.failedRules = failedRules
  }
}
