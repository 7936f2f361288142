import ModelRuntime

/// What answers where a lane's model does not: another model over the same inputs, or the same outputs for every record. Shared by the
/// lane's workers.
enum Fallback: Sendable {
  /// The outputs are those that the lane's own model publishes, by name and in its order.
  case model(any Model, outputs: [PublishedOutput])
  /// The same members in every prediction.
  case outputs([FixedMember])
}

/// A member that is the same in every prediction.
struct FixedMember: Sendable {
  let name: String
  /// JSON.
  let value: String
}
