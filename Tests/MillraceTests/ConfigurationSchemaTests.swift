import Foundation
import Testing

@testable import Millrace

/// What is generated from the declarations, and what those declare.
@Suite struct ConfigurationSchemaTests {
  private static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  @Test(arguments: [
    ("config/schema.json", "millrace schema > config/schema.json"),
    ("docs/reference/configuration.md", "millrace schema --markdown > docs/reference/configuration.md"),
  ])
  func generatedFilesAreUpToDate(_ file: String, _ command: String) throws {
    let generated = file.hasSuffix(".json") ? ConfigurationSchema.json() : ConfigurationSchema.markdown()
    let stored = try? String(contentsOf: Self.root.appendingPathComponent(file), encoding: .utf8)
    // A bare flag: the comparison itself would print both files.
    let isCurrent = stored == generated
    #expect(isCurrent, "\(file) differs from the declarations: run `\(command)`")
  }

  @Test func theSchemaIsJSONWithEverySection() throws {
    let object = try #require(try JSONSerialization.jsonObject(with: Data(ConfigurationSchema.json().utf8)) as? [String: Any])
    #expect(object["$schema"] as? String == "https://json-schema.org/draft/2020-12/schema")
    let properties = try #require(object["properties"] as? [String: Any])
    #expect(Set(properties.keys) == Set(Configuration.definition.keys.map(\.name)))
    let lanes = try #require((properties["lanes"] as? [String: Any])?["additionalProperties"] as? [String: Any])
    #expect(lanes["required"] as? [String] == ["model"])
    #expect(lanes["additionalProperties"] as? Bool == false)
    let delay = try #require((lanes["properties"] as? [String: Any])?["max_delay"] as? [String: Any])
    #expect(delay["default"] as? String == "0ms")
    #expect((delay["description"] as? String)?.isEmpty == false)
  }

  @Test func everyKeyIsDescribed() {
    for section in ConfigurationSchema.sections {
      #expect(!section.summary.isEmpty && !section.example.isEmpty)
      for key in section.keys {
        #expect(key.summary.hasSuffix("."), "\(section.path).\(key.name)")
        #expect(!key.defaultText.isEmpty, "\(section.path).\(key.name)")
      }
    }
  }

  @Test(arguments: ConfigurationSchema.sections.map(\.path))
  func theExampleOfASectionIsRead(_ path: String) throws {
    let section = try #require(ConfigurationSchema.sections.first { $0.path == path })
    var example = section.example.replacing("file:/run/secrets/kafka-password", with: "NONE:-x")
    // A fragment of a model goes into one.
    if example.hasPrefix("features:") { example = "inputs:\n  - name: input\n\(Self.indented(example, by: 4))" }
    if example.hasPrefix("inputs:") {
      example = "models:\n  fraud:\n    path: m\n    outputs: {score: s}\n\(Self.indented(example, by: 4))"
    }
    if path == "tests[]" { example += "\nroutes: [{lane: urgent, when: 'true'}, {lane: bulk}]" }
    if path == "routes[]" || path == "tests[]" { example += "\nlanes: {urgent: {model: fraud}, bulk: {model: fraud}}" }
    if path == "lanes.NAME" { example += "\nroutes: [{lane: urgent, when: 'true'}, {lane: bulk}]" }
    #expect(ConfigurationFixture.faults(example) == [])
  }

  private static func indented(_ text: String, by count: Int) -> String {
    text.split(separator: "\n").map { String(repeating: " ", count: count) + $0 }.joined(separator: "\n")
  }
}
