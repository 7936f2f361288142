import Foundation
import Testing

/// A page's blocks that begin with ```` ```sh run ```` or ```` ```python run ````, from the top, in one shell: as a reader would. What a
/// reader has already, such as a broker with records in it, is made in comments that begin with `<!-- sh run`.
struct RunnablePage: Sendable, CustomTestStringConvertible {
  let path: String
  let blocks: [(language: String, text: String)]

  var testDescription: String { path }
  var usesPython: Bool { blocks.contains { $0.language == "python" } }

  init(_ path: String, _ text: String) {
    self.path = path
    blocks = text.matches(of: #/(?ms)^(?:```|<!-- )(sh|python) run\n(.*?)^(?:```|-->)$/#).map { (String($0.1), String($0.2)) }
  }

  static let texts: [(path: String, text: String)] = {
    let names = (FileManager.default.enumerator(atPath: ChildProcess.root.path + "/docs")?.allObjects as? [String]) ?? []
    let paths = ["README.md"] + names.filter { $0.hasSuffix(".md") }.map { "docs/" + $0 }.sorted()
    return paths.map { ($0, (try? String(contentsOfFile: ChildProcess.root.path + "/" + $0, encoding: .utf8)) ?? "") }
  }()

  /// The pages that have such blocks.
  static let all = texts.map(RunnablePage.init).filter { !$0.blocks.isEmpty }

  /// - Parameter python: what runs the Python blocks.
  func script(python: String) -> String {
    let commands = blocks.map { block in
      block.language == "sh" ? block.text : "'\(python)' - <<'PYTHON'\n\(block.text)PYTHON\n"
    }
    return "set -euxo pipefail\ntrap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n" + commands.joined()
  }
}

/// The commands that the docs show, run. Python blocks need the packages that their page names, in the Python that
/// MILLRACE_TEST_PYTHON names; config/setup/docs.sh makes one.
@Suite(.serialized, .enabled(if: FileManager.default.fileExists(atPath: "/usr/bin/kcat"), "kcat is not installed"))
struct DocumentedCommandsTests {
  private static let python = ProcessInfo.processInfo.environment["MILLRACE_TEST_PYTHON"]

  @Test func somePagesHaveCommandsThatRun() {
    let paths = RunnablePage.all.map(\.path)
    #expect(paths.contains("docs/tutorial.md"))
    #expect(paths.contains("docs/how-to/bring-your-model.md") && paths.contains("docs/how-to/replay.md"))
  }

  /// The commands that no test runs need what isn't here: root, a container engine, Kafka's tools, gigabytes.
  @Test func whatDoesNotRunCantRunHere() throws {
    for (path, text) in RunnablePage.texts where path != "docs/reference/cli.md" {
      for block in text.matches(of: #/(?ms)^```sh\n(.*?)^```$/#) {
        let foreign = #/(?m)^(make|sudo|pip|docker|kubectl|kafka-|acl|export PATH)|^  --/#
        let lines = block.1.split(separator: "\n").filter { $0.firstMatch(of: foreign) == nil }
        #expect(lines.isEmpty, "\(path): begin the block with ```sh run")
      }
    }
  }

  @Test(.timeLimit(.minutes(4)), arguments: RunnablePage.all.filter { !$0.usesPython })
  func aPagesCommandsRun(_ page: RunnablePage) throws { try run(page, python: "") }

  @Test(
    .timeLimit(.minutes(4)), .enabled(if: python != nil, "MILLRACE_TEST_PYTHON names no Python that has the pages' packages"),
    arguments: RunnablePage.all.filter(\.usesPython))
  func aPagesCommandsAndPythonRun(_ page: RunnablePage) throws { try run(page, python: Self.python ?? "") }

  /// In a folder of its own that looks like the repository's, with the built command on the PATH.
  private func run(_ page: RunnablePage, python: String) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "millrace-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let config = ChildProcess.root.appending(path: "config")
    try FileManager.default.createSymbolicLink(at: folder.appending(path: "config"), withDestinationURL: config)
    let script = folder.appending(path: "page.sh")
    try Data(page.script(python: python).utf8).write(to: script)
    let path = ChildProcess.build.path + ":" + (ProcessInfo.processInfo.environment["PATH"] ?? "")
    let start = "cd '\(folder.path)' && exec timeout 200 bash page.sh"
    let outcome = try ChildProcess.run("/bin/bash", ["-c", start], environment: ["PATH": path])
    #expect(outcome.status == 0, "\(page.path): \(outcome.errors.suffix(3000))")
  }
}

/// The configurations that containers run are ones that the command takes.
@Suite struct ContainerConfigurationTests {
  private static let schema = try? String(contentsOfFile: ChildProcess.root.path + "/config/schema.json", encoding: .utf8)

  @Test(
    .enabled(if: schema?.contains(#""operations""#) == true, "there is no section operations yet"),
    arguments: ["config/docker/fraud.yaml", "config/kubernetes/base/fraud.yaml"])
  func checkFindsNoFault(_ path: String) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "millrace-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    for name in ["username", "password"] { try Data("correct horse".utf8).write(to: folder.appending(path: name)) }
    let models = "path: \(ChildProcess.root.path)/config/models"
    let text = try String(contentsOfFile: ChildProcess.root.path + "/" + path, encoding: .utf8)
      .replacing(#/path: (?:/etc/millrace/)?models/#, with: models)
      .replacing("/run/secrets/kafka", with: folder.path)
    let file = folder.appending(path: "fraud.yaml")
    try Data(text.utf8).write(to: file)
    let environment = ["KAFKA_BOOTSTRAP_SERVERS": "kafka:9092"]
    let check = try ChildProcess.run(ChildProcess.millrace, ["check", file.path], environment: environment)
    #expect(check.status == 0, "\(check.errors)")
    #expect(!check.output.contains("correct horse"))
  }
}
