/// The files of which an ONNX model consists: the graph, and those beside it in which weights lie.
struct ONNXFiles {
  /// A file of weights.
  struct Weights {
    /// As the graph names it: a path that counts from the graph's folder.
    let location: String
    let path: String
  }

  let graph: String
  /// In the order of their locations.
  let weights: [Weights]
  /// Of the graph and the weights, as they were when they were found.
  private let found: [(path: String, identity: ModelFile.Identity)]

  /// Protobuf ends there, and with it what ONNX Runtime reads.
  private static let mostBytes = Int(Int32.max)

  /// - Parameter path: of the graph, or of a folder with it.
  /// - Throws: `.load` if a file is missing, can't be read, is shorter than the graph says, or lies outside of the graph's folder.
  init(_ path: String) throws(ModelError) {
    let graph = try ModelFile.locate(path)
    var found = [(graph, try ModelFile.identity(graph))]
    // What is no protobuf names no files: ONNX Runtime says what is wrong with it.
    let bytes = ModelFile.bytes(graph, most: Self.mostBytes) ?? []
    let references = bytes.withUnsafeBytes { (try? ExternalData($0))?.references } ?? []
    let folder = graph.lastIndex(of: "/").map { String(graph[...$0]) } ?? ""
    var weights: [Weights] = []
    for (location, references) in Dictionary(grouping: references, by: \.location).sorted(by: { $0.key < $1.key }) {
      let path = folder + location
      do throws(ModelError) {
        try Self.expectBelow(location)
        let identity = try ModelFile.identity(path)
        for reference in references { try Self.expect(reference, in: path, bytes: identity.size) }
        found.append((path, identity))
      } catch {
        throw ModelError(.load, "\(error.message). \(graph) has weights in it; they belong together, in one folder")
      }
      weights.append(Weights(location: location, path: path))
    }
    self.graph = graph
    self.weights = weights
    self.found = found
  }

  /// SHA-256 in hexadecimal: of the graph where that is all, else of the digests of all files, and of their names.
  func digest() throws(ModelError) -> String {
    let digest = try ModelFile.digest(graph)
    if weights.isEmpty { return digest }
    var text = "\(digest)\n"
    for file in weights { text += "\(try ModelFile.digest(file.path)) \(file.location)\n" }
    var hash = SHA256()
    Array(text.utf8).withUnsafeBytes { hash.update($0) }
    return hash.finish()
  }

  /// The first file that was written since, or replaced by another; nil: all are what they were.
  var changed: String? { found.first { ModelFile.Identity($0.path) != $0.identity }?.path }

  /// What leads elsewhere would not be copied, mounted or looked at along with the model.
  private static func expectBelow(_ location: String) throws(ModelError) {
    let isBelow = !location.hasPrefix("/") && !location.split(separator: "/").contains("..")
    guard isBelow, !location.isEmpty, !location.utf8.contains(0) else {
      throw ModelError(.load, "'\(location)' is no path of a file in the model's folder")
    }
  }

  private static func expect(_ reference: ExternalData.Reference, in path: String, bytes: Int) throws(ModelError) {
    guard let offset = number(reference.offset), let length = number(reference.length) else {
      throw ModelError(.load, "\(path): offset '\(reference.offset)' and length '\(reference.length)' are no place in a file")
    }
    let (end, isTooFar) = offset.addingReportingOverflow(length)
    guard !isTooFar, end <= bytes else {
      throw ModelError(.load, "\(path): ends after \(bytes) bytes, and should have \(isTooFar ? Int.max : end); was it copied completely?")
    }
  }

  /// 0 where nothing is said: from the beginning, and to the end.
  private static func number(_ text: String) -> Int? {
    if text.isEmpty { return 0 }
    return Int(text).flatMap { $0 < 0 ? nil : $0 }
  }
}
