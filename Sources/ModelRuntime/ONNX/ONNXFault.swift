import COnnxRuntime

/// An error of ONNX Runtime, copied out of its status object.
struct ONNXFault: Error {
  let code: UInt32
  let message: String
  /// The place, among the outputs of a run, of one whose shape doesn't begin with the rows: a fault that we find, and not the library.
  var misplacedOutput: Int?

  /// Memory that ran out may be there again later, and a device may come back. All else fails again with the same rows.
  var isTransient: Bool {
    if code == UInt32(OrtErrorExecutionProvider) { return true }
    let message = message.lowercased()
    return ["bad_alloc", "failed to allocate", "out of memory", "available memory", "alloc_failed"]
      .contains { message.contains($0) }
  }

  /// The message on one line, without the places in ONNX Runtime's own source that it names: `…/file.cc:12 function(…)`.
  static func readable(_ message: String) -> String {
    var words = message.split(whereSeparator: \.isWhitespace)[...]
    var kept: [Substring] = []
    while let word = words.popFirst() {
      guard let path = word.firstIndex(of: "/"), word.contains("/onnxruntime"), word.contains(".cc:") || word.contains(".h:") else {
        kept.append(word)
        continue
      }
      if path > word.startIndex { kept.append(word[..<path]) }
      // The function follows, to the parenthesis that closes its parameters, and then what qualifies it.
      var depth = 0
      repeat {
        guard let part = words.popFirst() else { break }
        depth += part.count { $0 == "(" } - part.count { $0 == ")" }
        if depth <= 0 && part.hasSuffix(")") { break }
      } while true
      if words.first == "const" { words.removeFirst() }
      if words.first == "[with", let end = words.firstIndex(where: { $0.hasSuffix("]") }) { words = words[(end + 1)...] }
    }
    return kept.joined(separator: " ")
  }
}
