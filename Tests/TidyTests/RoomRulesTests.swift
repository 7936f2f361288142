import Testing

@Suite struct RoomRulesTests {
  private func file(_ path: String, _ text: String) -> SwiftText { SwiftText(path: "Sources/Millrace/\(path)", text) }

  @Test func findATypeOfALaterRoom() {
    let files = [
      file("First/A.swift", "struct A {\n  let b: B?\n}\n"), file("Second/B.swift", "final class B {\n  let a = A(b: nil)\n}\n"),
    ]
    let findings = RoomRules.findings(files, order: ["First", "Second"])
    #expect(findings == [Finding("Sources/Millrace/First/A.swift", 2, "First comes before Second, and names its B")])
  }

  @Test func letARoomNameWhatItDeclaresItself() {
    let files = [
      file("First/A.swift", "extension A {\n  struct B {}\n  func f(_ b: B) -> Other.B { \"B\" }  // B\n}\n"),
      file("Second/B.swift", "struct B {}\n"),
    ]
    #expect(RoomRules.findings(files, order: ["First", "Second"]).isEmpty)
  }

  @Test func findARoomThatIsNotInTheOrder() {
    #expect(RoomRules.findings([file("New/A.swift", "")], order: ["First"]).map(\.line) == [1])
  }

  @Test func countStoredPropertiesOfEachType() {
    let stored = (1...16).map { "  @exclusivity(unchecked) private(set) var p\($0) = [1: { 2 }]\n" }.joined()
    let others = "  var c: Int { 1 }\n  static let d = 1\n  func f() {\n    let e = 1\n  }\n  struct Inner {\n    let f = 1\n  }\n"
    let findings = RoomRules.crowdedTypes(file("Worker/A.swift", "final class A {\n" + stored + others + "}\n"))
    #expect(findings.map(\.line) == [1])
    let fewer = stored.split(separator: "\n").dropLast().joined(separator: "\n")
    #expect(RoomRules.crowdedTypes(file("Worker/A.swift", "final class A {\n" + fewer + "\n" + others + "}\n")).isEmpty)
    #expect(RoomRules.crowdedTypes(file("Replay/A.swift", "final class A {\n" + stored + "}\n")).isEmpty)
  }
}
