/// A variable that is a map of names to texts, as the headers of a record or a request are, read wherever they lie. Trivial: copying it
/// copies pointers, and whoever made it keeps `context` alive while it is used.
@frozen
public struct TextMap {
  /// Finds the last text of this name; false if there is none. A NULL value is a null pointer of length 0.
  public typealias Find =
    @convention(c) (
      _ context: UnsafeRawPointer?, _ name: UnsafePointer<CChar>,
      _ value: UnsafeMutablePointer<UnsafeRawPointer?>, _ length: UnsafeMutablePointer<Int>
    ) -> Bool

  /// Reads the text at an index, in the order in which they lie; false beyond the last.
  public typealias At =
    @convention(c) (
      _ context: UnsafeRawPointer?, _ index: Int, _ name: UnsafeMutablePointer<UnsafePointer<CChar>?>,
      _ value: UnsafeMutablePointer<UnsafeRawPointer?>, _ length: UnsafeMutablePointer<Int>
    ) -> Bool

  /// Where the map lies: what `find` and `at` are called with.
  public var context: UnsafeRawPointer?
  /// Looks a text up by its name.
  public var find: Find
  /// Reads a text by its place.
  public var at: At

  /// Makes a map that is read through two functions.
  @inlinable
  public init(context: UnsafeRawPointer?, find: @escaping Find, at: @escaping At) {
    self.context = context
    self.find = find
    self.at = at
  }

  /// An empty map.
  @inlinable public static var none: TextMap {
    TextMap(context: nil, find: { _, _, _, _ in false }, at: { _, _, _, _, _ in false })
  }
}
