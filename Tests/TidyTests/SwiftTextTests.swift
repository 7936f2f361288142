import Testing

@Suite struct SwiftTextTests {
  private func code(_ text: String) -> [String] {
    SwiftText(path: "a.swift", text).code.map { String($0) }
  }

  @Test func blanksCommentsAndKeepsLinesAndColumns() {
    #expect(code("let a = 1 // b\n/* c\n/* d */ e */ f") == ["let a = 1     ", "    ", "             f"])
  }

  @Test func blanksTheTextOfStringsNotWhatIsInterpolated() {
    #expect(code(#"f("try! \"x\" \(try! g("h")) i") + j"#) == [#"f(              try! g(   )    ) + j"#])
  }

  @Test func knowsMultiLineAndRawStrings() {
    #expect(code("\"\"\"\n  \"as! // no\n  \"\"\" + b") == ["   ", "            ", "      + b"])
    #expect(code(##"#"as! \("# + b"##) == ["           + b"])
  }

  @Test func goesOnAfterAStringThatDoesNotEnd() {
    #expect(code("\"abc\ntry! f()") == ["    ", "try! f()"])
    #expect(code("\"a\\") == ["   "])
    #expect(code("/* a") == ["    "])
  }
}
