import Foundation
import Testing

/// What people mistype, and what they are told: where it is, and what to do.
@Suite struct MistakeTests {
  struct Mistake: Sendable, CustomTestStringConvertible {
    let arguments: [String]
    let status: Int32
    let words: [String]
    var environment: [String: String] = [:]

    var testDescription: String { arguments.joined(separator: " ") }
  }

  private static let nowhere = ["KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1"]

  @Test(
    .timeLimit(.minutes(1)),
    arguments: [
      Mistake(arguments: ["rum", "config/fraud.yaml"], status: 64, words: ["there is no command 'rum'; commands: run, replay,"]),
      Mistake(arguments: ["check", "config/frud.yaml"], status: 78, words: ["config/frud.yaml: error: there is no such file"]),
      Mistake(arguments: ["run", "config/fraud.yaml", "--lane", "fast"], status: 78, words: ["no lane 'fast'", "lanes: urgent, bulk"]),
      Mistake(arguments: ["run", "config/fraud.yaml", "--until-drain"], status: 64, words: ["Did you mean '--until-drained'?"]),
      Mistake(arguments: ["run", "config/fraud.yaml", "--report", "xml"], status: 64, words: ["--report <json>"]),
      Mistake(
        arguments: ["dry-run", "config/fraud.yaml", "none.ndjson"], status: 64, words: ["error: the events none.ndjson cannot be read"]),
      Mistake(
        arguments: ["dry-run", "config/fraud.yaml", "--topic", "x"], status: 64,
        words: ["no lane reads the topic 'x'; topics: transactions"]),
      Mistake(
        arguments: ["check", "config/fraud.yaml", "--connect"], status: 70,
        words: ["kafka at 127.0.0.1:1: ", "check `bootstrap.servers`, and that a broker listens there"], environment: nowhere),
      Mistake(
        arguments: ["redrive", "config/fraud.yaml"], status: 64, words: ["'embedded'", "name one that holds dead letters"],
        environment: ["KAFKA_BOOTSTRAP_SERVERS": "embedded"]),
      Mistake(
        arguments: ["replay", "config/fraud.yaml", "--name", "a"], status: 70,
        words: ["kafka at 127.0.0.1:1: ", "check `bootstrap.servers`"],
        environment: nowhere),
      Mistake(arguments: ["replay", "config/fraud.yaml", "--name", "a b"], status: 64, words: ["--name 'a b'"], environment: nowhere),
      Mistake(
        arguments: ["replay", "config/fraud.yaml", "--name", "a", "--model", "x"], status: 64, words: ["models: fraud"],
        environment: nowhere),
      Mistake(
        arguments: ["replay", "config/fraud.yaml", "--name", "a", "--from", "yesterday"], status: 64,
        words: ["'yesterday'", "earliest, latest, an offset, a time like"]),
      Mistake(
        arguments: ["redrive", "config/fraud.yaml", "--filter", "event."], status: 64, words: ["--filter: column"], environment: nowhere),
    ])
  func aMistakeIsToldWithWhatToDo(_ mistake: Mistake) throws {
    let outcome = try ChildProcess.run(ChildProcess.millrace, mistake.arguments, environment: mistake.environment)
    #expect(outcome.status == mistake.status, "\(outcome.errors)")
    for words in mistake.words { #expect(outcome.errors.contains(words), "\(outcome.errors)") }
    // The usage of `millrace` itself says nothing about a command's argument.
    #expect(!outcome.errors.contains("Usage: millrace <subcommand>"), "\(outcome.errors)")
  }

  /// What librdkafka finds when it makes a client is a fault of the file, with every command that makes one.
  @Test(
    .timeLimit(.minutes(1)), arguments: [["check"], ["run"], ["replay", "--name", "a"], ["redrive"], ["redrive", "--through", "bulk"]])
  func aPropertyThatMakesNoClientIsToldAtItsLine(_ arguments: [String]) throws {
    let properties = "127.0.0.1:1\n  security.protocol: SASL_PLAINTEXT\n  sasl.mechanisms: PLAIN\n  sasl.password: planted"
    let source = try String(contentsOf: ChildProcess.root.appendingPathComponent("config/fraud.yaml"), encoding: .utf8)
    let yaml = source.replacing("${KAFKA_BOOTSTRAP_SERVERS:-embedded}", with: properties)
      .replacing("path: models/fraud", with: "path: \(ChildProcess.root.path)/config/models/fraud")
    let file = try TestCluster.temporaryFile("fraud.yaml", yaml)
    defer { try? FileManager.default.removeItem(at: file) }
    let line = try #require(yaml.split(separator: "\n", omittingEmptySubsequences: false).firstIndex { $0.contains("planted") }) + 1
    let outcome = try ChildProcess.run(ChildProcess.millrace, [arguments[0], file.path] + arguments.dropFirst())
    #expect(outcome.status == 78, "\(outcome.errors)")
    let said = "\(file.path):\(line):3: error: kafka is refused: sasl.username and sasl.password must be set"
    #expect(outcome.errors.contains(said) && outcome.errors.contains("help: give both a value"), "\(outcome.errors)")
    // Neither the secret nor librdkafka's own lines.
    #expect(!outcome.errors.contains("planted") && !outcome.errors.contains("librdkafka"), "\(outcome.errors)")
  }

  @Test(.timeLimit(.minutes(1))) func checkWarnsOfANumberWithTwoMeanings() throws {
    let source = try String(contentsOf: ChildProcess.root.appendingPathComponent("config/fraud.yaml"), encoding: .utf8)
    let yaml = source.replacing("event.amount >= 500.0", with: "event.?amount.orValue(7) / 2 >= 250")
      .replacing("path: models/fraud", with: "path: \(ChildProcess.root.path)/config/models/fraud")
    let file = try TestCluster.temporaryFile("fraud.yaml", yaml)
    defer { try? FileManager.default.removeItem(at: file) }
    let lines = yaml.split(separator: "\n", omittingEmptySubsequences: false)
    let line = try #require(lines.firstIndex { $0.contains("orValue(7)") })
    let column = try #require(lines[line].firstRange(of: "/ 2")?.lowerBound.utf16Offset(in: lines[line])) + 1
    let outcome = try ChildProcess.run(ChildProcess.millrace, ["check", file.path])
    #expect(outcome.status == 0 && outcome.output.contains("routes (the first that matches)"), "\(outcome.errors)")
    #expect(outcome.errors.contains("\(file.path):\(line + 1):\(column): warning: '/' has a remainder here"), "\(outcome.errors)")
    #expect(outcome.errors.contains("help: write double(…) around both operands"), "\(outcome.errors)")
    #expect(try !ChildProcess.run(ChildProcess.millrace, ["check", "config/fraud.yaml"]).errors.contains("warning"))
  }

  @Test(.timeLimit(.minutes(1))) func checkAsksForTheTopicsThatAreWritten() throws {
    try TestCluster.with { cluster in
      let good = try cluster.configuration()
      defer { try? FileManager.default.removeItem(at: good) }
      let fine = try ChildProcess.run(ChildProcess.millrace, ["check", good.path, "--connect"])
      #expect(fine.status == 0 && fine.output.contains("every topic that is read or written"), "\(fine.errors)")
      let bad = try cluster.configuration(replacing: "predictions, include", with: "predictionz, include")
      defer { try? FileManager.default.removeItem(at: bad) }
      let faulty = try ChildProcess.run(ChildProcess.millrace, ["check", bad.path, "--connect"])
      #expect(faulty.status == 70, "\(faulty.errors)")
      #expect(faulty.errors.contains("predictionz does not exist; create it, or correct the topic of publish"), "\(faulty.errors)")
    }
  }
}
