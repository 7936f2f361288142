/// What a Swift file may look like, whatever it does.
enum SwiftRules {
  static let lineLengthMax = 140
  static let fileLengthMax = 250

  /// Traps that Sources may hold after all, as `path:word`.
  static let allowedTraps: Set<String> = []

  static func longLines(_ file: SwiftText) -> [Finding] {
    file.lines.enumerated().compactMap { index, line in
      line.utf8.count > lineLengthMax && line.count > lineLengthMax
        ? Finding(file.path, index + 1, "\(line.count) characters, at most \(lineLengthMax)") : nil
    }
  }

  static func longFile(_ file: SwiftText) -> [Finding] {
    let count = file.lines.last == "" ? file.lines.count - 1 : file.lines.count
    return count > fileLengthMax ? [Finding(file.path, count, "\(count) lines, at most \(fileLengthMax): split it by noun")] : []
  }

  static func traps(_ file: SwiftText, allowed: Set<String> = allowedTraps) -> [Finding] {
    find(file, [("try!", #/\btry!/#), ("as!", #/\bas!/#), ("fatalError", #/(?:^|[^.\w])fatalError\s*\(/#)]) { word in
      allowed.contains("\(file.path):\(word)") ? nil : "\(word) ends the process; throw, or answer with a value"
    }
  }

  /// `@unchecked Sendable` needs a comment, above its declaration or behind it, that says why threads may share it.
  static func unexplainedSendables(_ file: SwiftText) -> [Finding] {
    file.code.enumerated().compactMap { index, line in
      guard line.contains("@unchecked Sendable") else { return nil }
      let why = #/(?i)thread|lock|mutex|atomic|immutable|sendable|unchecked|concurren/#
      let behind = file.lines[index].utf8.dropFirst(line.trimmedEnd.utf8.count)
      if String(decoding: behind, as: UTF8.self).contains(why) { return nil }
      let declaration = #/\b(class|struct|enum|extension|actor)\b/#
      var above = index
      while above > 0, !file.code[above].contains(declaration) { above -= 1 }
      while above > 0, file.lines[above - 1].trimmed.hasPrefix("@") { above -= 1 }
      while above > 0, file.lines[above - 1].trimmed.hasPrefix("//") {
        if file.lines[above - 1].contains(why) { return nil }
        above -= 1
      }
      return Finding(file.path, index + 1, "@unchecked Sendable: say in a comment why threads may share it")
    }
  }

  /// What a library offers says what it is. A member that a protocol of the standard library names says so by its name alone.
  static func undocumented(_ file: SwiftText) -> [Finding] {
    let declaration = #/\bpublic\b.*\b(?:var|let|func|init|struct|class|enum|protocol|typealias|subscript|actor)\b/#
    let standard = #/\b(?:var (?:debugD|d)escription: String|func (?:==|<|hash\b))/#
    return file.code.enumerated().compactMap { index, line in
      guard line.contains(declaration), !line.contains(standard) else { return nil }
      var above = index
      while above > 0, file.lines[above - 1].trimmed.hasPrefix("@") { above -= 1 }
      if above > 0, file.lines[above - 1].trimmed.hasPrefix("///") { return nil }
      return Finding(file.path, index + 1, "public: say what it is")
    }
  }

  /// One finding for each line of code that a pattern matches; `message` may let it pass.
  static func find(_ file: SwiftText, _ patterns: [(String, Regex<Substring>)], message: (String) -> String?) -> [Finding] {
    file.code.enumerated().flatMap { index, line in
      patterns.compactMap { word, pattern in
        line.contains(pattern) ? message(word).map { Finding(file.path, index + 1, $0) } : nil
      }
    }
  }
}

extension Substring {
  var trimmed: Substring { drop { $0 == " " || $0 == "\t" } }

  var trimmedEnd: Substring {
    var rest = self
    while rest.last == " " || rest.last == "\t" { rest.removeLast() }
    return rest
  }
}
