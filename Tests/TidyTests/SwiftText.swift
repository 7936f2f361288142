/// A Swift file as its lines, once as written and once with comments and the text of string literals blanked.
///
/// Code inside `\(…)` stays. Regex literals are taken for code, so a quote in one blanks the rest of its line.
struct SwiftText {
  let path: String
  let lines: [Substring]
  let code: [Substring]

  init(path: String, _ text: String) {
    self.path = path
    lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    var blanker = Blanker(Array(text.utf8))
    code = String(decoding: blanker.blanked(), as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
  }
}

private struct Blanker {
  private enum Mode {
    /// Within an interpolation, how many parentheses are open; nil outside of one.
    case code(open: Int?)
    case string(hashes: Int, quotes: Int)
  }

  private let bytes: [UInt8]
  private var output: [UInt8]
  private var at = 0
  private var modes: [Mode] = [.code(open: nil)]

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    output = bytes
  }

  mutating func blanked() -> [UInt8] {
    while at < bytes.count {
      switch modes[modes.count - 1] {
      case .code(let open): code(open)
      case .string(let hashes, let quotes): string(hashes: hashes, quotes: quotes)
      }
    }
    return output
  }

  private mutating func code(_ open: Int?) {
    if starts("//") {
      while at < bytes.count, bytes[at] != UInt8(ascii: "\n") { blank(1) }
    } else if starts("/*") {
      comment()
    } else if let (hashes, quotes) = stringStart() {
      blank(hashes + quotes)
      modes.append(.string(hashes: hashes, quotes: quotes))
    } else {
      if let open {
        let depth = starts("(") ? open + 1 : starts(")") ? open - 1 : open
        modes[modes.count - 1] = .code(open: depth)
        if depth == 0 {
          modes.removeLast()
          return blank(1)
        }
      }
      at += 1
    }
  }

  private mutating func comment() {
    var depth = 0
    repeat {
      if starts("/*") {
        depth += 1
        blank(2)
      } else if starts("*/") {
        depth -= 1
        blank(2)
      } else {
        blank(1)
      }
    } while depth > 0 && at < bytes.count
  }

  private mutating func string(hashes: Int, quotes: Int) {
    if run(of: UInt8(ascii: "\""), from: at) >= quotes, run(of: UInt8(ascii: "#"), from: at + quotes) >= hashes {
      blank(quotes + hashes)
      modes.removeLast()
    } else if starts("\\"), run(of: UInt8(ascii: "#"), from: at + 1) >= hashes {
      let isInterpolation = at + 1 + hashes < bytes.count && bytes[at + 1 + hashes] == UInt8(ascii: "(")
      blank(hashes + 2)
      if isInterpolation { modes.append(.code(open: 1)) }
    } else {
      if quotes == 1, starts("\n") { modes.removeLast() }
      blank(1)
    }
  }

  private func stringStart() -> (hashes: Int, quotes: Int)? {
    let hashes = run(of: UInt8(ascii: "#"), from: at)
    let quotes = run(of: UInt8(ascii: "\""), from: at + hashes)
    return quotes == 0 ? nil : (hashes, quotes >= 3 ? 3 : 1)
  }

  private func starts(_ text: StaticString) -> Bool {
    text.withUTF8Buffer { at + $0.count <= bytes.count && bytes[at..<at + $0.count].elementsEqual($0) }
  }

  private func run(of byte: UInt8, from start: Int) -> Int {
    var end = start
    while end < bytes.count, bytes[end] == byte { end += 1 }
    return max(0, end - start)
  }

  private mutating func blank(_ count: Int) {
    for _ in 0..<count where at < bytes.count {
      if bytes[at] != UInt8(ascii: "\n") { output[at] = UInt8(ascii: " ") }
      at += 1
    }
  }
}
