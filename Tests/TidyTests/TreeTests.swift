import Testing

/// The rules, held against the tree this was built from.
@Suite struct TreeTests {
  private let tree = Tree.current

  private func swift(in folder: String) throws -> [SwiftText] {
    try tree.files(in: folder, ending: ".swift").map { SwiftText(path: $0, try tree.text(of: $0)) }
  }

  private func pages() throws -> [MarkdownText] {
    try tree.files(ending: ".md").map { MarkdownText(path: $0, try tree.text(of: $0)) }
  }

  @Test func isWhereItWasBuilt() {
    #expect(tree.files.contains("Package.swift"))
    #expect(tree.files.contains("Tests/TidyTests/TreeTests.swift"))
  }

  @Test func hasNothingAtItsTopLevelThatDoesNotBelongThere() {
    let allowed: Set<String> = [
      "Package.swift", "Sources", "Tests", "docker-compose.yml", "config", "docs", "README.md", "LICENSE", "Makefile", ".ci", ".gitignore",
      ".swift-format",
    ]
    expectNone(tree.topLevel.filter { !allowed.contains($0) }.map { Finding($0, 1, "does not belong at the top level") })
  }

  @Test func hasNoLongLines() throws {
    expectNone(try (swift(in: "Sources/") + swift(in: "Tests/")).flatMap(SwiftRules.longLines))
  }

  @Test func hasNoLongFiles() throws {
    expectNone(try swift(in: "Sources/").flatMap(SwiftRules.longFile))
  }

  @Test func endsTheProcessNowhereInItsSources() throws {
    expectNone(try swift(in: "Sources/").flatMap { SwiftRules.traps($0) })
  }

  @Test func saysWhyEachUncheckedSendableIsSafe() throws {
    expectNone(try (swift(in: "Sources/") + swift(in: "Tests/")).flatMap(SwiftRules.unexplainedSendables))
  }

  @Test func documentsWhatItsLibrariesOffer() throws {
    let libraries = ["CEL", "ModelRuntime", "Millrace", "MillraceOperations"]
    expectNone(try libraries.flatMap { try swift(in: "Sources/\($0)/") }.flatMap(SwiftRules.undocumented))
  }

  @Test func keepsEachCLibraryBehindItsDoorAndEachTargetToItsPlace() throws {
    expectNone(try (swift(in: "Sources/") + swift(in: "Tests/")).flatMap(ImportRules.findings))
  }

  @Test func hasNoCircleBetweenTheRoomsOfTheLibrary() throws {
    let files = try swift(in: RoomRules.folder)
    #expect(files.count > 100)
    expectNone(RoomRules.findings(files))
  }

  @Test func hasNoCrowdedTypeOnTheWorkersPath() throws {
    expectNone(try swift(in: RoomRules.folder).flatMap(RoomRules.crowdedTypes))
  }

  @Test func evaluatesAndDecodesWithoutClockFilesOrEnvironment() throws {
    expectNone(try (swift(in: "Sources/CEL/") + swift(in: "Sources/EventDecoding/")).flatMap(ImportRules.impurities))
  }

  @Test func hasNoDeadLinks() throws {
    let pages = try pages()
    let anchors = Dictionary(uniqueKeysWithValues: pages.map { ($0.path, $0.anchors) })
    let paths = tree.paths
    expectNone(pages.flatMap { MarkdownRules.deadLinks($0, paths: paths) { anchors[$0] ?? [] } })
  }

  /// Types, tests and their members, in code spans.
  @Test func namesOnlyCodeThatExists() throws {
    let sources = try (tree.files(in: "Sources/", ending: ".swift") + tree.files(in: "Tests/", ending: ".swift")).map(tree.text).joined()
    let words = Set(sources.split { !$0.isLetter && !$0.isNumber && $0 != "_" })
    let pages = try pages().filter { $0.path.hasPrefix("docs/") }
    let named = pages.flatMap { page in
      page.lines.filter { !$0.isFenced }.flatMap { line in
        line.text.matches(of: #/`([A-Z][a-z]+[A-Z][A-Za-z]*(?:\.[A-Za-z]+)*)`/#).map { (page.path, line.number, $0.1) }
      }
    }
    #expect(named.count > 50)
    let unknown = named.filter { !$0.2.split(separator: ".").allSatisfy(words.contains) }
    expectNone(unknown.map { Finding($0.0, $0.1, "there is no \($0.2) in the sources") })
  }

  @Test func hasEveryPartOfTheLibraryOnTheMap() throws {
    let map = try tree.text(of: "docs/architecture.md")
    let parts = Set(tree.files(in: "Sources/Millrace/", ending: ".swift").compactMap { $0.split(separator: "/").dropFirst(2).first })
    expectNone(
      parts.filter { !map.contains("`Sources/Millrace/\($0)`") }.map { Finding("docs/architecture.md", 1, "\($0) is not on the map") })
  }

  @Test func compilesAllSwiftThatItsDocsShow() throws {
    let pages = try pages()
    let files = try swift(in: "Tests/").filter { !$0.path.hasPrefix("Tests/TidyTests/") }
    let examples = files.flatMap(ExampleRules.examples).map(\.code)
    #expect(examples.count >= 5)
    expectNone(pages.flatMap { ExampleRules.uncompiled($0, examples: examples) } + files.flatMap { ExampleRules.unshown($0, pages: pages) })
  }

  @Test func namesOnlyCommandsThatExist() throws {
    // Read from what was written: declarations of commands, and make's targets.
    let sources = try tree.files(in: "Sources/MillraceCLI/", ending: ".swift").map(tree.text)
    let names = sources.flatMap { $0.matches(of: #/commandName:\s*"([^"]+)"/#).map { String($0.1) } }
    #expect(names.contains("millrace"))
    let subcommands = Set(names).subtracting(["millrace"]).union(["help"])
    let targets = try tree.text(of: "Makefile").matches(of: #/(?m)^([a-z]+):/#).map { String($0.1) }
    for page in try pages() {
      expectNone(MarkdownRules.unknownCommands(page, program: "millrace", known: subcommands))
      expectNone(MarkdownRules.unknownCommands(page, program: "make", known: Set(targets)))
    }
  }
}
