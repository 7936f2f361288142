/// Who may import what: one door for each C library, decisions apart from action, and a language that knows neither Kafka nor JSON.
enum ImportRules {
  /// Which of the project's modules each target under Sources may import.
  static let allowed: [String: Set<String>] = [
    "KafkaClient": ["CRdKafka"],
    "ModelRuntime": ["COnnxRuntime"],
    "Texts": [],
    "CEL": ["CELFields", "CRE2", "Texts"],
    "EventDecoding": ["CEL", "CELFields", "JSONFields", "Texts"],
    "Millrace": ["KafkaClient", "ModelRuntime", "CEL", "EventDecoding", "Texts"],
    "MillraceOperations": ["Millrace", "KafkaClient", "ModelRuntime", "EventDecoding", "Texts"],
    "MillraceCLI": ["Millrace", "MillraceOperations", "KafkaClient", "ModelRuntime", "CEL", "EventDecoding"],
  ]
  /// Modules of C and C++.
  static let doors: Set<String> = ["CRdKafka", "COnnxRuntime", "CELFields", "JSONFields", "CRE2"]

  /// An expression is a function of its variables, and decoding one of the record: alike on every machine and in every replay.
  static let pureTargets: Set<String> = ["CEL", "EventDecoding"]
  static let impureModules: Set<String> = ["Dispatch", "FoundationNetworking", "Synchronization"]

  static func findings(_ file: SwiftText) -> [Finding] {
    let parts = file.path.split(separator: "/").map(String.init)
    guard parts.count > 2 else { return [] }
    let target = parts[1]
    return imports(of: file).compactMap { line, module in
      let finding = Finding(file.path, line, "\(target) may not import \(module)")
      if parts[0] == "Tests" {
        // Tests may go where what they test may go.
        let tested = target.hasSuffix("Tests") ? allowed[String(target.dropLast(5))] ?? [] : []
        return doors.contains(module) && !tested.contains(module) ? finding : nil
      }
      if pureTargets.contains(target), impureModules.contains(module) { return finding }
      let isOurs = doors.contains(module) || allowed[module] != nil
      return isOurs && !(allowed[target] ?? []).contains(module) ? finding : nil
    }
  }

  /// Clocks, files and the environment in what has to be pure.
  static func impurities(_ file: SwiftText) -> [Finding] {
    guard let target = pureTargets.first(where: { file.path.hasPrefix("Sources/\($0)/") }) else { return [] }
    let clock = #/\b(?:Date\(\)|Date\.now|ContinuousClock|SuspendingClock|clock_gettime)/#
    let machine = #/\b(?:ProcessInfo|FileManager|FileHandle|URLSession|getenv|fopen|print\()/#
    return SwiftRules.find(file, [("clock", clock), ("machine", machine)]) { _ in
      "\(target) reads no clock, file or environment, and prints nothing"
    }
  }

  static func imports(of file: SwiftText) -> [(line: Int, module: String)] {
    let pattern =
      #/^\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:\w+\s+)?import\s+(?:(?:struct|class|enum|protocol|typealias|func|let|var|actor)\s+)?(\w+)/#
    return file.code.enumerated().compactMap { index, line in
      line.prefixMatch(of: pattern).map { (index + 1, String($0.1)) }
    }
  }
}
