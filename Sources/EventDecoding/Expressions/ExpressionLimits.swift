/// What an expression may cost. Whatever the source says, compiling and evaluating it ends.
public struct ExpressionLimits: Sendable {
  /// Of the source, in UTF-8 bytes.
  public var length = 100_000
  /// How deep an expression may nest: parentheses, operands, arguments, macros.
  public var depth = 250
  /// Steps of one evaluation, some ten nanoseconds each. Only macros that iterate and operations on lists and long strings count.
  public var steps = 1_000_000

  public init() {}
}
