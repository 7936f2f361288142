import Texts
import Foundation

/// Replaces `${NAME}`, `${NAME:-default}` and `${file:PATH}` in a scalar; `$${` stands for `${`.
struct Interpolation {
  /// Where a value came from, beyond the file itself.
  enum Origin: Hashable, Sendable {
    case literal
    case environment
    /// An environment variable whose name says secret, or a file: never shown.
    case secret
  }

  struct Output {
    var text = String.UnicodeScalarView()
    var positions: [SourceText.Position] = []
    var origin = Origin.literal
    /// The parts of the text that are secret.
    var secrets: [String] = []
  }

  struct Fault: Error {
    let message: String
    let help: String
    let position: SourceText.Position
  }

  typealias Character = (scalar: Unicode.Scalar, position: SourceText.Position)

  static let forms = "write ${NAME}, ${NAME:-default} or ${file:/path}; $${ stands for the two characters"
  private static let maxDepth = 16
  private static let maxFileBytes = 1 << 20

  let environment: [String: String]
  /// The folder from which relative paths of files count.
  let folder: String

  static func isNeeded(for text: String) -> Bool { text.contains("${") }

  func expand(_ input: ArraySlice<Character>, depth: Int = 0) throws(Fault) -> Output {
    var output = Output()
    var rest = input
    while let (scalar, position) = rest.first {
      let next = rest.dropFirst().first?.scalar
      if scalar == "$", next == "$", rest.dropFirst(2).first?.scalar == "{" {
        append(rest[(rest.startIndex + 1)..<(rest.startIndex + 3)], to: &output)
        rest = rest.dropFirst(3)
      } else if scalar == "$", next == "{" {
        let body = try body(of: rest, depth: depth)
        let value = try resolve(body, at: position, depth: depth)
        output.text.append(contentsOf: value.text)
        output.positions.append(contentsOf: repeatElement(position, count: value.text.count))
        output.origin = value.origin == .secret || output.origin == .secret ? .secret : .environment
        if value.origin == .secret { output.secrets.append(String(value.text)) }
        rest = rest.dropFirst(body.count + 3)
      } else {
        append(rest.prefix(1), to: &output)
        rest = rest.dropFirst()
      }
    }
    return output
  }

  private func append(_ characters: ArraySlice<Character>, to output: inout Output) {
    for character in characters {
      output.text.append(character.scalar)
      output.positions.append(character.position)
    }
  }

  /// The text between `${` and its `}`.
  private func body(of text: ArraySlice<Character>, depth: Int) throws(Fault) -> ArraySlice<Character> {
    let start = text.startIndex + 2
    var level = 1
    for index in start..<text.endIndex {
      if text[index].scalar == "{" { level += 1 }
      if text[index].scalar == "}" { level -= 1 }
      if level == 0 { return text[start..<index] }
    }
    throw Fault(message: "'${' is never closed", help: Self.forms, position: text[text.startIndex].position)
  }

  private func resolve(
    _ body: ArraySlice<Character>, at position: SourceText.Position, depth: Int
  ) throws(Fault) -> (text: String.UnicodeScalarView, origin: Origin) {
    let content = Self.text(of: body)
    if content.hasPrefix("file:") {
      return (try read(String(content.dropFirst(5)), at: position).unicodeScalars, .secret)
    }
    let name = content.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
    let rest = content.dropFirst(name.count)
    guard let first = name.first, !first.isNumber, rest.isEmpty || rest.hasPrefix(":-") else {
      throw Fault(message: "\(content.shown) is no environment variable", help: Self.forms, position: position)
    }
    let origin = SecretNames.isSensitive(String(name)) ? Origin.secret : .environment
    let value = environment[String(name)]
    if rest.isEmpty {
      if let value { return (value.unicodeScalars, origin) }
      let near = Suggestion.nearest(to: String(name), in: environment.keys.sorted()).map { "did you mean '\($0)'? otherwise " } ?? ""
      throw Fault(
        message: "environment variable '\(name)' is not set",
        help: "\(near)set it, or write a default: ${\(name):-value}", position: position)
    }
    // As in a shell, an empty variable counts as unset.
    if let value, !value.isEmpty { return (value.unicodeScalars, origin) }
    guard depth < Self.maxDepth else {
      throw Fault(message: "defaults are nested more than \(Self.maxDepth) deep", help: Self.forms, position: position)
    }
    let fallback = try expand(body.dropFirst(name.unicodeScalars.count + 2), depth: depth + 1)
    return (fallback.text, fallback.origin == .secret ? .secret : origin)
  }

  private func read(_ path: String, at position: SourceText.Position) throws(Fault) -> String {
    func fault(_ reason: String) -> Fault {
      Fault(
        message: "cannot read \(path.shown): \(reason)",
        help: "correct the path or the file; a relative path counts from this file's folder", position: position)
    }
    // A secret that Kubernetes mounts is a link.
    let url = URL(fileURLWithPath: path.resolved(against: folder)).resolvingSymlinksInPath()
    guard !path.isEmpty, let attributes = try? FileManager.default.attributesOfItem(atPath: url.path) else {
      throw fault("there is no such file")
    }
    guard attributes[.type] as? FileAttributeType == .typeRegular else { throw fault("it is not a regular file") }
    guard (attributes[.size] as? Int ?? 0) <= Self.maxFileBytes else { throw fault("it is larger than 1 MiB") }
    guard let data = try? Data(contentsOf: url) else { throw fault("permission denied") }
    guard var text = String(validating: data, as: UTF8.self) else { throw fault("it is not UTF-8 text") }
    if text.hasSuffix("\r\n") || text.hasSuffix("\n") { text.removeLast() }
    return text
  }

  private static func text(of characters: ArraySlice<Character>) -> String {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: characters.map(\.scalar))
    return String(view)
  }
}

extension String {
  /// The path as seen from a folder; an absolute one stays.
  func resolved(against folder: String) -> String {
    hasPrefix("/") || folder.isEmpty ? self : (folder.hasSuffix("/") ? folder : folder + "/") + self
  }

  /// The text quoted for a message: on one line, without control characters, not too long.
  var shown: String {
    let printable = SecretNames.printable(Array(unicodeScalars.prefix(81))[...]).replacing("\t", with: " ")
    return "'" + (unicodeScalars.count > 80 ? printable.prefix(77) + "..." : printable) + "'"
  }
}
