import Testing

@Suite struct ImportRulesTests {
  private func findings(_ path: String, _ text: String) -> [Finding] {
    ImportRules.findings(SwiftText(path: path, text))
  }

  @Test func readEveryFormOfAnImport() {
    let text = """
      import A
      public import B
      @testable import C
      @preconcurrency internal import D
      @_spi(X) import struct E.F
      // import G
      let text = "import H"
      """
    #expect(ImportRules.imports(of: SwiftText(path: "", text)).map(\.module) == ["A", "B", "C", "D", "E"])
  }

  @Test(arguments: [
    ("Millrace", "CRdKafka"), ("ModelRuntime", "CRdKafka"), ("KafkaClient", "COnnxRuntime"), ("MillraceCLI", "JSONFields"),
    ("Millrace", "CRE2"), ("EventDecoding", "KafkaClient"), ("EventDecoding", "ModelRuntime"), ("EventDecoding", "Dispatch"),
    ("EventDecoding", "FoundationNetworking"), ("CEL", "JSONFields"), ("CEL", "KafkaClient"), ("CEL", "EventDecoding"), ("CEL", "Dispatch"),
    ("EventDecoding", "CRE2"), ("KafkaClient", "EventDecoding"), ("Millrace", "MillraceOperations"),
    ("MillraceOperations", "MillraceCLI"), ("NewTarget", "Millrace"),
  ])
  func refuseAModuleThatIsBehindAnothersDoor(_ target: String, _ module: String) {
    #expect(
      findings("Sources/\(target)/a.swift", "import Foundation\nimport \(module)")
        == [Finding("Sources/\(target)/a.swift", 2, "\(target) may not import \(module)")])
  }

  @Test func letEachTargetThroughItsOwnDoor() {
    for (target, modules) in ImportRules.allowed {
      for module in modules {
        #expect(findings("Sources/\(target)/Folder/a.swift", "import Foundation\nimport \(module)").isEmpty)
      }
    }
  }

  @Test func letTestsThroughTheDoorOfWhatTheyTestAndNoOther() {
    #expect(findings("Tests/KafkaClientTests/a.swift", "@testable import KafkaClient\nimport CRdKafka").isEmpty)
    #expect(findings("Tests/MillraceTests/a.swift", "import KafkaClient\nimport CRdKafka").map(\.line) == [2])
    #expect(findings("Tests/Benchmarks/a.swift", "import CRdKafka").map(\.line) == [1])
  }

  @Test func findClocksFilesAndTheEnvironmentInWhatIsPureOnly() {
    let text = "let date = Date(timeIntervalSince1970: 0)\nlet now = Date()\nlet home = getenv(\"HOME\")\nprint(now)"
    #expect(ImportRules.impurities(SwiftText(path: "Sources/EventDecoding/a.swift", text)).map(\.line) == [2, 3, 4])
    #expect(ImportRules.impurities(SwiftText(path: "Sources/CEL/a.swift", text)).map(\.line) == [2, 3, 4])
    #expect(ImportRules.impurities(SwiftText(path: "Sources/Millrace/a.swift", text)).isEmpty)
  }
}
