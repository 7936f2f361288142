/// What an expression may cost. Whatever the source says, compiling and evaluating it ends.
public struct ExpressionLimits: Sendable {
  /// Of the source, in UTF-8 bytes.
  public var length = 100_000
  /// How deep an expression may nest: parentheses, operands, arguments, macros. At 200 compiling takes up to half a megabyte of stack in a
  /// release build, and three in a debug build.
  public var depth = 200
  /// Steps of one evaluation, some ten nanoseconds each. Only macros that iterate and operations on lists and long strings count.
  public var steps = 1_000_000

  /// The limits of an expression that nobody has set limits for.
  public init() {}
}
