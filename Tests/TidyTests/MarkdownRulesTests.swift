import Testing

@Suite struct MarkdownRulesTests {
  private let paths: Set<String> = ["", "README.md", "docs", "docs/a.md", "docs/b c.md", "config", "config/fraud.yaml"]

  private func deadLinks(_ text: String, in path: String = "docs/a.md") -> [Finding] {
    let page = MarkdownText(path: path, text)
    return MarkdownRules.deadLinks(page, paths: paths) { $0 == path ? page.anchors : ["install"] }
  }

  private func unknown(_ text: String) -> [String] {
    MarkdownRules.unknownCommands(MarkdownText(path: "a.md", text), program: "millrace", known: ["run", "dry-run"]).map(\.description)
  }

  @Test func findLinksToFilesThatAreNotThere() {
    let text = """
      See [one](b.md) and ![two](../image.png "Title").
      [three]: ../config/none.yaml
      <a href="../../outside.md"><img src="/docs/none.svg"></a>
      """
    #expect(deadLinks(text).map(\.line) == [1, 1, 2, 3, 3])
    #expect(deadLinks(text).first?.description == "docs/a.md:1: dead link: there is no b.md")
  }

  @Test func acceptLinksThatLeadSomewhere() {
    let text = """
      [a](a.md) [b](b%20c.md) [![badge](../config/fraud.yaml)](..) [c](../config/) [d](/docs/a.md) [e](./../README.md#install)
      [f](https://example.org/none) [g](mailto:a@example.org) [h](//example.org) [i](#install-it)
      ## Install *it*!
      `[not](a-link.md)`
      ```
      [not](a-link.md)
      ```
      """
    expectNone(deadLinks(text))
  }

  @Test func findLinksToHeadingsThatAreNotThere() {
    let text = "# A `b` c\n# A b c\n```\n# no\n```\n[1](#a-b-c) [2](#a-b-c-1) [3](#a-b-c-2) [4](#no) [5](../README.md#use)"
    #expect(
      deadLinks(text).map(\.message) == [
        "dead link: docs/a.md has no heading for #a-b-c-2", "dead link: docs/a.md has no heading for #no",
        "dead link: README.md has no heading for #use",
      ])
  }

  @Test func findCommandsThatDoNotExistInFencesAndCodeSpans() {
    let text = """
      ```sh
      $ .build/release/millrace runn config/fraud.yaml
      A=1 millrace check a.yaml | millrace run && (sudo millrace brew)
      millrace dry-run a.yaml   # millrace does it all
      ```
      Type `millrace chek` or `make millrace fly`.
      """
    #expect(
      unknown(text) == [
        "a.md:2: there is no 'millrace runn'", "a.md:3: there is no 'millrace check'", "a.md:3: there is no 'millrace brew'",
        "a.md:6: there is no 'millrace chek'",
      ])
  }

  @Test func leaveProseOptionsAndPlaceholdersAlone() {
    expectNone(
      MarkdownRules.unknownCommands(
        MarkdownText(path: "a.md", "millrace scores. `millrace --help` `millrace COMMAND` `millrace`\n~~~\nimage: millrace latest\n~~~"),
        program: "millrace", known: []))
  }

  @Test func tellFencesOfDifferentLengthsApart() {
    let page = MarkdownText(path: "a.md", "````\n```\na\n```\n````\nb\n```inline``` c")
    #expect(page.lines.filter(\.isFenced).map(\.number) == [2, 3, 4])
  }
}
