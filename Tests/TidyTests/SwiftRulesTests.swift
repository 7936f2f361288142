import Testing

@Suite struct SwiftRulesTests {
  private func file(_ text: String) -> SwiftText { SwiftText(path: "Sources/A/a.swift", text) }

  private func lines(_ findings: [Finding]) -> [Int] { findings.map(\.line) }

  @Test func findLinesByTheirCharactersNotTheirBytes() {
    let fits = String(repeating: "é", count: 140)
    #expect(SwiftRules.longLines(file(fits + "\n" + fits + "e\n")) == [Finding("Sources/A/a.swift", 2, "141 characters, at most 140")])
  }

  @Test func findFilesOver250Lines() {
    #expect(SwiftRules.longFile(file(String(repeating: "a\n", count: 250))).isEmpty)
    #expect(lines(SwiftRules.longFile(file(String(repeating: "a\n", count: 251)))) == [251])
    #expect(lines(SwiftRules.longFile(file(String(repeating: "a\n", count: 250) + "a"))) == [251])
  }

  @Test func findTrapsInCodeOnly() {
    let text = """
      let a = try! b()
      let c = d as! E
      fatalError("no")
      Swift.abort(); fatalError ()
      // try! and as! and fatalError()
      let f = "try! as! fatalError()" + client.fatalError()
      """
    #expect(lines(SwiftRules.traps(file(text), allowed: [])) == [1, 2, 3, 4])
    #expect(lines(SwiftRules.traps(file(text), allowed: ["Sources/A/a.swift:fatalError"])) == [1, 2])
  }

  @Test(arguments: [
    "final class A: @unchecked Sendable {}",
    "/// Holds a handle.\nfinal class A: @unchecked Sendable {}",
    "final class A: @unchecked Sendable {  // a handle",
    "// One thread.\n\nfinal class A: @unchecked Sendable {}",
    "// One thread.\nlet a = 1\nextension A: @unchecked Sendable {}",
    "/// A.\n@frozen\nstruct A<B>:\n  C,\n  @unchecked Sendable\n{}",
  ])
  func findAnUncheckedSendableThatNobodyExplains(_ text: String) {
    #expect(SwiftRules.unexplainedSendables(file(text)).count == 1)
  }

  @Test(arguments: [
    "/// Holds a handle.\n///\n/// Used by one thread.\nfinal class A: @unchecked Sendable {}",
    "/// Immutable.\n@frozen\npublic struct A<B>:\n  C,\n  @unchecked Sendable\n{}",
    "final class A: @unchecked Sendable {  // immutable",
    "// @unchecked Sendable is a promise.",
  ])
  func acceptAnUncheckedSendableWithItsReason(_ text: String) {
    #expect(SwiftRules.unexplainedSendables(file(text)).isEmpty)
  }

  @Test(arguments: [
    "public struct A {}", "/// An A.\n\npublic let a = 1", "@frozen\npublic enum A {}", "  // Not a doc comment.\n  public init() {}",
    "public internal(set) var a = 1", "/// An A.\nstruct A {\n  @inlinable public static func make() {}",
  ])
  func findWhatIsPublicAndSaysNothing(_ text: String) {
    #expect(SwiftRules.undocumented(file(text)).count == 1)
  }

  @Test(arguments: [
    "/// An A.\npublic struct A {}", "/// An A.\n@frozen\n@dynamicMemberLookup\npublic enum A {}", "package struct A {}",
    "public var description: String { a }", "public static func < (a: A, b: A) -> Bool {",
    "  public func hash(into hasher: inout Hasher) {",
    "public extension A {", "let public = \"public struct\"",
  ])
  func acceptWhatIsDocumentedOrSaysItByItsName(_ text: String) {
    #expect(SwiftRules.undocumented(file(text)).isEmpty)
  }
}
