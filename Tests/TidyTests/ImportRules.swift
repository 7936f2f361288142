/// Who may import what: one door for each C library, and decisions apart from action.
enum ImportRules {
  /// Which of the project's modules each target under Sources may import.
  static let allowed: [String: Set<String>] = [
    "KafkaClient": ["CRdKafka"],
    "ModelRuntime": ["COnnxRuntime"],
    "EventDecoding": ["CSimdJSON", "CRE2"],
    "Millrace": ["KafkaClient", "ModelRuntime", "EventDecoding"],
    "MillraceOperations": ["Millrace", "KafkaClient", "ModelRuntime", "EventDecoding"],
    "MillraceCLI": ["Millrace", "MillraceOperations", "KafkaClient", "ModelRuntime", "EventDecoding"],
  ]
  static let doors: Set<String> = ["CRdKafka", "COnnxRuntime", "CSimdJSON", "CRE2"]

  /// EventDecoding is a function of the record: the same record decodes alike on every machine and every replay.
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
      if target == "EventDecoding", impureModules.contains(module) { return finding }
      let isOurs = doors.contains(module) || allowed[module] != nil
      return isOurs && !(allowed[target] ?? []).contains(module) ? finding : nil
    }
  }

  /// Clocks, files and the environment in EventDecoding.
  static func impurities(_ file: SwiftText) -> [Finding] {
    guard file.path.hasPrefix("Sources/EventDecoding/") else { return [] }
    let clock = #/\b(?:Date\(\)|Date\.now|ContinuousClock|SuspendingClock|clock_gettime)/#
    let machine = #/\b(?:ProcessInfo|FileManager|FileHandle|URLSession|getenv|fopen|print\()/#
    return SwiftRules.find(file, [("clock", clock), ("machine", machine)]) { _ in
      "EventDecoding reads no clock, file or environment, and prints nothing"
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
