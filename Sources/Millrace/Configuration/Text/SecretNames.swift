/// Tells by its name whether a property or an environment variable is a secret, and shows lines without the values of such names.
enum SecretNames {
  static let mask = "***"

  /// Whether the value of a property, or of an environment variable, is a secret by its name.
  static func isSensitive(_ name: String) -> Bool {
    let name = String(name.lowercased().map { $0 == "_" || $0 == "-" ? "." : $0 })
    if name.contains("token") && !name.contains("token.endpoint") { return true }
    return name == "ssl.key" || name == "sasl.oauthbearer.config" || name.hasSuffix(".pem")
      || ["password", "passwd", "passphrase", "secret", "jaas", "credential", "private.key", "api.key"].contains(where: name.contains)
  }

  /// A value without the user part of the addresses in it: `https://user:password@host` is a common place for a secret.
  static func withoutUserInfo(_ value: String) -> String {
    guard let scheme = value.firstRange(of: "://") else { return value }
    let rest = value[scheme.upperBound...]
    let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    guard let at = authority.lastIndex(of: "@") else { return value }
    return value[..<scheme.upperBound] + mask + rest[at...]
  }

  /// A source line as a diagnostic may show it: what follows a sensitive key is masked, be it on the same line or in a block under it.
  static func redacted(line index: Int, of lines: [[Unicode.Scalar]]) -> String {
    let line = lines[index]
    if let secret = secretStart(in: line) {
      return printable(line[..<secret]) + " " + mask
    }
    return isInsideSecret(index, of: lines) ? mask : printable(line[...])
  }

  static func printable(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
    var text = String.UnicodeScalarView()
    for scalar in scalars {
      let isControl = scalar.properties.generalCategory == .control || scalar.properties.generalCategory == .format
      text.append(isControl && scalar != "\t" ? "\u{FFFD}" : scalar)
    }
    return String(text)
  }

  private static func isInsideSecret(_ index: Int, of lines: [[Unicode.Scalar]]) -> Bool {
    var indentation = self.indentation(of: lines[index])
    // A badly indented line of a block still belongs to the key above it.
    var isNearest = keys(in: lines[index]).isEmpty
    for above in lines[..<index].reversed() where !above.allSatisfy({ $0 == " " || $0 == "\t" }) {
      let isAncestor = self.indentation(of: above) < indentation
      guard isAncestor || isNearest else { continue }
      let names = keys(in: above)
      if names.contains(where: { isSensitive($0.name) }) { return true }
      if isAncestor { indentation = self.indentation(of: above) }
      if !names.isEmpty { isNearest = false }
      if indentation == 0 && !isNearest { return false }
    }
    return false
  }

  private static func secretStart(in line: [Unicode.Scalar]) -> Int? {
    keys(in: line).first { isSensitive($0.name) && $0.end < line.count }?.end
  }

  /// What looks like `name:` in a line, and where its value begins.
  private static func keys(in line: [Unicode.Scalar]) -> [(name: String, end: Int)] {
    var found: [(name: String, end: Int)] = []
    var name = ""
    for (index, scalar) in line.enumerated() {
      let isName = scalar.properties.isAlphabetic || scalar.properties.numericType != nil || ".-_".unicodeScalars.contains(scalar)
      if isName {
        name.unicodeScalars.append(scalar)
      } else if scalar == ":" && !name.isEmpty {
        found.append((name, index + 1))
        name = ""
      } else if scalar != " " && scalar != "\"" && scalar != "'" {
        name = ""
      } else if let next = line.dropFirst(index + 1).first(where: { $0 != " " }), next != ":" {
        name = ""
      }
    }
    return found
  }

  private static func indentation(of line: [Unicode.Scalar]) -> Int {
    line.prefix { $0 == " " || $0 == "-" }.count
  }
}
