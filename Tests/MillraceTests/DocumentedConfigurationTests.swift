import Foundation
import Testing

/// What the pages show of a configuration is read without a fault.
@Suite struct DocumentedConfigurationTests {
  private static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  private static let blocks: [(page: String, text: String)] = ["README.md", "docs/how-to", "docs/explanation"].flatMap { place in
    let folder = root.appending(path: place)
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path).sorted().map { "\(place)/\($0)" }) ?? [place]
    return names.flatMap { name in
      let page = (try? String(contentsOf: root.appending(path: name), encoding: .utf8)) ?? ""
      return page.matches(of: #/(?ms)^```yaml\n(.*?)^```$/#).map { (name, String($0.1)) }
    }
  }

  @Test func thereAreSome() { #expect(Self.blocks.count >= 9) }

  @Test(arguments: blocks.indices)
  func aBlockHasNoFaults(_ index: Int) {
    let (page, text) = Self.blocks[index]
    // A secret's file, the libcurl that OIDC needs, and the lane of a model by another name are somewhere else.
    let here = text.replacing(#/\$\{file:[^}]+\}/#, with: "0123456789abcdef").replacing("models:\n  mean:", with: "models:\n  fraud:")
    let faults = ConfigurationFixture.faults(here).filter { !$0.contains("libcurl") }
    #expect(faults == [], "\(page)")
  }
}
