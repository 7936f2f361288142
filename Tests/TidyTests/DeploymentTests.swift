import Foundation
import Testing
import Yams

/// The image, docker-compose.yml and what they mount. No container engine is needed: files are held against each other.
@Suite struct DeploymentTests {
  private let tree = Tree.current

  private var instructions: [(name: String, arguments: String)] {
    get throws {
      let text = try tree.text(of: "config/docker/Dockerfile").replacing("\\\n", with: " ")
      return text.split(separator: "\n").filter { !$0.hasPrefix("#") }.map { line in
        let parts = line.split(separator: " ", maxSplits: 1)
        return (String(parts[0]), parts.count > 1 ? String(parts[1]) : "")
      }
    }
  }

  /// What apt-get installs in a stage.
  private func packages(ofStage name: String) throws -> Set<String> {
    var stage = ""
    var packages: Set<String> = []
    for (instruction, arguments) in try instructions {
      if instruction == "FROM" { stage = arguments.split(separator: " ").last.map(String.init) ?? "" }
      guard instruction == "RUN", stage == name,
        let install = arguments.firstMatch(of: /apt-get install -y --no-install-recommends ([^&]+)/)
      else { continue }
      packages.formUnion(install.1.split(whereSeparator: \.isWhitespace).map(String.init))
    }
    return packages
  }

  @Test func theImageIsBuiltByTheScriptsThatMakeUses() throws {
    let makefile = try tree.text(of: "Makefile")
    let steps = try instructions.filter { $0.name == "RUN" }.map(\.arguments).joined(separator: "\n")
    for script in ["config/setup/swift.sh", "config/setup/packages.sh libraries", "config/setup/onnxruntime.sh"] {
      #expect(makefile.contains(script))
      #expect(steps.contains(script), "the Dockerfile doesn't run \(script)")
    }
    let build = try #require(makefile.firstMatch(of: /swift build .*--product millrace/)?.0)
    #expect(steps.contains(build))
  }

  @Test(.enabled(if: Tool("dpkg-query") != nil, "there is no dpkg-query to ask which library belongs to a header"))
  func theImageHasTheLibrariesBehindTheHeadersOfTheSetup() throws {
    let setup = try tree.text(of: "config/setup/packages.sh")
    let headers = Set(setup.matches(of: /\$missing (lib[a-z0-9]+-dev)"/).map { String($0.1) })
    #expect(headers.count == 4)
    var libraries: Set<String> = ["ca-certificates"]
    for header in headers {
      let name = header.dropLast("-dev".count)
      let depends = try output(of: "dpkg-query", ["-W", "-f", "${Depends}", header])
      let all = depends.matches(of: /(lib[a-z0-9.+-]+) \(=/).map { String($0.1) }
      libraries.formUnion(all.filter { $0.hasPrefix(name) && !$0.contains("++") })
    }
    #expect(try packages(ofStage: "runtime") == libraries)
  }

  @Test func theImageCopiesWhatThereIsAndEndsAsAUserWhoIsNotRoot() throws {
    let paths = tree.paths
    for (name, arguments) in try instructions where name == "COPY" && !arguments.hasPrefix("--from") {
      for source in arguments.split(separator: " ").dropLast() { #expect(paths.contains(String(source)), "there is no \(source)") }
    }
    let users = try instructions.filter { $0.name == "USER" }.map(\.arguments)
    #expect(users.filter { $0 != "root" }.allSatisfy { $0.wholeMatch(of: /[1-9]\d*:[1-9]\d*/) != nil })
    #expect(users.last != "root")
    for script in tree.files(in: "config/docker/", ending: ".sh") {
      #expect(FileManager.default.isExecutableFile(atPath: tree.root.appending(path: script).path), "\(script) is not executable")
    }
  }

  @Test(arguments: ["config/docker/fraud.yaml", "config/kubernetes/base/fraud.yaml"])
  func aContainersConfigurationDecidesAndScoresAsTheExampleDoes(_ path: String) throws {
    let example = try Manifest("config/fraud.yaml").root
    let container = try Manifest(path).root
    let keys = ["group", "topics", "event", "routes", "lanes", "models.fraud.inputs", "models.fraud.outputs", "publish", "dead_letter"]
    for key in keys {
      #expect(try container.at(key).map { try serialize(node: $0) } == example.at(key).map { try serialize(node: $0) }, "\(key) differs")
    }
  }

  @Test func composeNamesOnlyWhatThereIs() throws {
    let compose = try Manifest("docker-compose.yml").root
    let services = compose.at("services")?.names ?? []
    let stages = try instructions.filter { $0.name == "FROM" }.compactMap { $0.arguments.split(separator: " ").last.map(String.init) }
    for name in services {
      let service = try #require(compose.at("services.\(name)"))
      #expect(service.text("image")?.hasSuffix(":latest") == false, "\(name) has no image of a certain version")
      for needed in service.at("depends_on")?.names ?? service.texts("depends_on") {
        #expect(services.contains(needed))
        if service.text("depends_on.\(needed).condition") == "service_healthy" {
          #expect(compose.at("services.\(needed).healthcheck.test") != nil, "\(needed) can't become healthy")
        }
      }
      for volume in service.texts("volumes") {
        let source = volume.split(separator: ":")[0]
        let known = source.hasPrefix("./") ? tree.paths.contains(String(source.dropFirst(2))) : compose.at("volumes.\(source)") != nil
        #expect(known, "\(name) mounts \(source), which isn't there")
      }
      for port in service.texts("ports") { #expect(port.hasPrefix("127.0.0.1:"), "\(name) opens \(port) to other machines") }
      if let stage = service.text("build.target") { #expect(stages.contains(stage)) }
    }
    #expect(services == ["kafka", "topics", "millrace", "traffic", "prometheus", "grafana"])
  }

  @Test func composeCreatesEveryTopicAndStopsSlowlyEnoughToDrain() throws {
    let compose = try Manifest("docker-compose.yml").root
    let file = try Manifest("config/docker/fraud.yaml").root
    let script = compose.texts("services.topics.command").joined()
    let wanted = file.texts("topics") + [file.text("publish.topic"), file.text("dead_letter.topic")].compactMap { $0 }
    for topic in wanted { #expect(script.contains("create \(topic) "), "\(topic) is not created") }
    let grace = try #require(compose.seconds("services.millrace.stop_grace_period"))
    #expect(grace > file.seconds("shutdown_timeout") ?? 60)
    #expect(compose.text("services.millrace.read_only") == "true")
  }

  @Test func kafkaKeepsItsRecordsOnTheVolume() throws {
    let kafka = try #require(try Manifest("docker-compose.yml").root.at("services.kafka"))
    let folder = try #require(kafka.text("environment.KAFKA_LOG_DIRS"))
    #expect(kafka.texts("volumes").contains { $0.hasSuffix(":\(folder)") })
  }

  @Test(.enabled(if: Tool("check-jsonschema") != nil, "check-jsonschema, from PyPI, is not installed"))
  func composeFitsItsSchema() throws {
    let complaint = try #require(Tool("check-jsonschema")).complaint(["--builtin-schema", "vendor.compose-spec", "docker-compose.yml"])
    #expect(complaint == nil)
  }

  @Test(arguments: [(200, true), (503, false)])
  func theHealthCheckBelievesOnlyA200(_ status: Int, _ isWell: Bool) throws {
    let server = """
      import socket, subprocess, sys
      listener = socket.create_server(("127.0.0.1", 0))
      check = subprocess.Popen(["config/docker/health.sh", "ready", "127.0.0.1", str(listener.getsockname()[1])])
      peer = listener.accept()[0]
      request = b""
      while not request.endswith(b"\\r\\n\\r\\n"): request += peer.recv(1000)
      peer.sendall(b"HTTP/1.1 \(status) x\\r\\nContent-Length: 0\\r\\n\\r\\n")
      peer.close()
      sys.exit(check.wait() if request.startswith(b"GET /health/ready HTTP/1.1\\r\\n") else 2)
      """
    let python = try #require(Tool("python3"))
    #expect(try (python.complaint(["-c", server]) == nil) == isWell)
  }

  private func output(of tool: String, _ arguments: [String]) throws -> String {
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [tool] + arguments
    process.standardOutput = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return text
  }
}
