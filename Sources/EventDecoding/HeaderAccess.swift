/// How expressions read the headers of a record, wherever they lie. Trivial: copying it copies pointers, and whoever made it keeps
/// `context` alive while it is used.
@frozen
public struct HeaderAccess {
  /// Finds the last header of this name; false if there is none. A NULL value is a null pointer of length 0.
  public typealias Find = @convention(c) (
    _ context: UnsafeRawPointer?, _ name: UnsafePointer<CChar>,
    _ value: UnsafeMutablePointer<UnsafeRawPointer?>, _ length: UnsafeMutablePointer<Int>
  ) -> Bool

  /// Reads the header at an index, in the record's order; false beyond the last.
  public typealias At = @convention(c) (
    _ context: UnsafeRawPointer?, _ index: Int, _ name: UnsafeMutablePointer<UnsafePointer<CChar>?>,
    _ value: UnsafeMutablePointer<UnsafeRawPointer?>, _ length: UnsafeMutablePointer<Int>
  ) -> Bool

  public var context: UnsafeRawPointer?
  public var find: Find
  public var at: At

  @inlinable
  public init(context: UnsafeRawPointer?, find: @escaping Find, at: @escaping At) {
    self.context = context
    self.find = find
    self.at = at
  }

  /// A record without headers.
  @inlinable public static var none: HeaderAccess {
    HeaderAccess(context: nil, find: { _, _, _, _ in false }, at: { _, _, _, _, _ in false })
  }
}
