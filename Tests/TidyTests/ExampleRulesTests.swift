import Testing

@Suite struct ExampleRulesTests {
  private let page = MarkdownText(
    path: "docs/a.md",
    """
    Text.
    ```swift
    .product(name: "A", package: "a"),
    ```
    ```swift
    import A

    let b = 1

    let c = 2
    ```
    ```sh
    let d = 3
    ```
    """)

  private func file(_ text: String) -> SwiftText { SwiftText(path: "Tests/A/a.swift", text) }

  @Test func findABlockThatNoTestCompiles() {
    #expect(ExampleRules.uncompiled(page, examples: []).map(\.line) == [6])
    #expect(ExampleRules.uncompiled(page, examples: ["let b = 1\n\nlet c = 3\n"]).map(\.line) == [6])
    let example = file("import A\n// begin example: b\nlet b = 1\n\nlet c = 2\n// end example\nlet z = 0\n")
    #expect(ExampleRules.uncompiled(page, examples: ExampleRules.examples(example).map(\.code)).isEmpty)
  }

  @Test func findAnExampleThatNoPageShows() {
    let shown = file("// begin example: b\nlet b = 1\n\nlet c = 2\n// end example\n")
    let other = file("\n// begin example: b\nlet b = 2\n// end example\n")
    #expect(ExampleRules.unshown(shown, pages: [page]).isEmpty)
    #expect(ExampleRules.unshown(other, pages: [page]).map(\.line) == [2])
  }
}
