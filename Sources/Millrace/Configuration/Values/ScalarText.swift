extension SourceText {
  /// Where each character of a scalar's value stands, or nil if the text at `start` does not decode to that value.
  func positions(of value: String, at start: Position) -> [Position]? {
    let wanted = Array(value.unicodeScalars)
    var decoder = ScalarDecoder(lines: lines, at: start)
    decoder.decode(wanted)
    guard decoder.characters.elementsEqual(wanted) else { return nil }
    return decoder.positions
  }
}

/// Reads a YAML scalar of a known value out of the text, character by character: YAML's parser tells where a scalar begins, but not which
/// column a character of its value came from.
private struct ScalarDecoder {
  let lines: [[Unicode.Scalar]]
  var line: Int
  var column: Int
  var characters: [Unicode.Scalar] = []
  var positions: [SourceText.Position] = []

  init(lines: [[Unicode.Scalar]], at start: SourceText.Position) {
    self.lines = lines
    line = start.line - 1
    column = start.column - 1
  }

  /// The character to be read next; a line's end is a line feed; nil is the end of the text.
  private var here: Unicode.Scalar? { peek(0) }

  private func peek(_ distance: Int) -> Unicode.Scalar? {
    guard lines.indices.contains(line) else { return nil }
    let index = column + distance
    if index < lines[line].count { return lines[line][index] }
    return index == lines[line].count && line + 1 < lines.count ? "\n" : nil
  }

  private mutating func advance(_ count: Int = 1) {
    for _ in 0..<count {
      guard let here else { return }
      if here == "\n" {
        line += 1
        column = 0
      } else {
        column += 1
      }
    }
  }

  private mutating func emit(_ scalar: Unicode.Scalar) {
    characters.append(scalar)
    positions.append(SourceText.Position(line: line + 1, column: column + 1))
  }

  mutating func decode(_ wanted: [Unicode.Scalar]) {
    skipProperties()
    switch here {
    case "|", ">": decodeBlock(wanted)
    case "\"", "'": decodeFlow(wanted, quote: here)
    default: decodeFlow(wanted, quote: nil)
    }
  }

  /// Passes an anchor or a tag before the value.
  private mutating func skipProperties() {
    while here == "&" || here == "!" {
      while let scalar = here, !isBlank(scalar) { advance() }
      while let scalar = here, isBlank(scalar) { advance() }
    }
  }

  private mutating func decodeFlow(_ wanted: [Unicode.Scalar], quote: Unicode.Scalar?) {
    if quote != nil { advance() }
    while characters.count < wanted.count, let scalar = here {
      if isBlank(scalar) {
        decodeGap()
      } else if scalar == "\\", quote == "\"" {
        decodeEscape(wanted[characters.count])
      } else if scalar == "'", quote == "'" {
        guard peek(1) == "'" else { return }
        emit("'")
        advance(2)
      } else if scalar == quote {
        return
      } else {
        emit(scalar)
        advance()
      }
    }
  }

  /// Reads blanks and line breaks. Blanks inside a line stand for themselves; a line break folds into a space, and each empty line after it
  /// into a line feed.
  private mutating func decodeGap() {
    var length = 0
    while let scalar = peek(length), scalar == " " || scalar == "\t" { length += 1 }
    guard peek(length) == "\n" else {
      for _ in 0..<length {
        if let here { emit(here) }
        advance()
      }
      return
    }
    var ahead = self
    var breaks = 0
    while let scalar = ahead.here, isBlank(scalar) {
      if scalar == "\n" { breaks += 1 }
      ahead.advance()
    }
    for _ in 0..<max(1, breaks - 1) { emit(breaks == 1 ? " " : "\n") }
    (line, column) = (ahead.line, ahead.column)
  }

  /// Reads an escape. What it stands for is known from the value; only its length matters.
  private mutating func decodeEscape(_ wanted: Unicode.Scalar) {
    if peek(1) == "\n" {
      advance(2)
      while let scalar = here, isBlank(scalar) { advance() }
      return
    }
    emit(wanted)
    let digits: [Unicode.Scalar: Int] = ["x": 2, "u": 4, "U": 8]
    advance(2 + (peek(1).flatMap { digits[$0] } ?? 0))
  }

  private mutating func decodeBlock(_ wanted: [Unicode.Scalar]) {
    let isFolded = here == ">"
    line += 1
    guard let first = lines.dropFirst(line).first(where: { !isEmpty($0) }) else { return }
    let indentation = first.prefix { $0 == " " }.count
    while characters.count < wanted.count, lines.indices.contains(line) {
      column = min(indentation, lines[line].count)
      while characters.count < wanted.count, let scalar = here, scalar != "\n" {
        emit(scalar)
        advance()
      }
      guard characters.count < wanted.count else { return }
      let isText = !isEmpty(lines[line]) && !isBlank(lines[line].dropFirst(indentation).first ?? " ")
      let isSwallowed =
        isFolded && isText && wanted[characters.count] == "\n" && lines.indices.contains(line + 1) && isEmpty(lines[line + 1])
        && characters.count + 1 < wanted.count
      if !isSwallowed { emit(isFolded ? wanted[characters.count] : "\n") }
      line += 1
    }
  }

  private func isBlank(_ scalar: Unicode.Scalar) -> Bool { scalar == " " || scalar == "\t" || scalar == "\n" }

  private func isEmpty(_ line: [Unicode.Scalar]) -> Bool { line.allSatisfy(isBlank) }
}
