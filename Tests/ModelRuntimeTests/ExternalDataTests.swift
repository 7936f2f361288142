import Foundation
import Testing

@testable import ModelRuntime

/// Models whose weights lie in files of their own, beside the graph.
@Suite struct ExternalDataTests {
  /// A folder with a copy of the model external.onnx and its weights.
  private static func copy() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    for name in ["external.onnx", "external.onnx.data"] {
      try folder.write(name, Data(contentsOf: URL(fileURLWithPath: "\(TestModels.folder)/\(name)")))
    }
    return folder
  }

  private static func score(_ model: ONNXModel) throws -> Double {
    let inputs = try InputTensors(model, capacity: 1)
    for column in 0..<3 { inputs.set(1, row: 0, column: column) }
    let session = try model.makeSession(inputs: inputs)
    try session.run(rows: 1)
    return session.output(0).double(0, 0)
  }

  @Test func otherWeightsAreAnotherVersion() throws {
    let folder = try Self.copy()
    let first = try ONNXModel(path: folder.path, name: "m")
    #expect(try Self.score(first) == 1 + 3 + 5 + 10)
    #expect(first.version.count == 12)
    #expect(try ONNXModel(path: folder.path, name: "m").version == first.version)
    let elsewhere = try Self.copy()
    #expect(try ONNXModel(path: elsewhere.path, name: "m").version == first.version, "the folder's name is no part of it")

    var weights = try Data(contentsOf: URL(fileURLWithPath: folder.path + "/external.onnx.data"))
    weights.withUnsafeMutableBytes { $0.storeBytes(of: 8, as: Float.self) }
    try folder.write("external.onnx.data", weights)
    let second = try ONNXModel(path: folder.path, name: "m")
    #expect(try Self.score(second) == 8 + 3 + 5 + 10)
    #expect(second.version != first.version)
    #expect(try ONNXModel(path: folder.path, name: "m", version: "3").version == "3")
  }

  @Test func otherNumbersOfTheGraphAreAnotherVersionToo() throws {
    let folder = try Self.copy()
    let version = try ONNXModel(path: folder.path, name: "m").version
    var graph = try Data(contentsOf: URL(fileURLWithPath: folder.path + "/external.onnx"))
    let name = try #require(graph.range(of: Data("product".utf8)))
    // Its second use has another name then, too.
    graph.replaceSubrange(name, with: Data("Product".utf8))
    let next = try #require(graph.range(of: Data("product".utf8)))
    graph.replaceSubrange(next, with: Data("Product".utf8))
    try folder.write("external.onnx", graph)
    #expect(try ONNXModel(path: folder.path, name: "m").version != version)
  }

  @Test func oneFileKeepsTheVersionThatItHad() throws {
    let path = TestModels.path("noop")
    let files = try ONNXFiles(path)
    #expect(files.weights.isEmpty)
    #expect(try files.digest() == ModelFile.digest(path))
    #expect(try TestModels.load("noop").version == "fcec5c917897")
  }

  @Test func aFileThatIsNotThereIsNamedWithTheModelItBelongsTo() throws {
    let folder = try Self.copy()
    try FileManager.default.removeItem(atPath: folder.path + "/external.onnx.data")
    let error = try #require(throws: ModelError.self) { try ONNXModel(path: folder.path, name: "m") }
    #expect(error.kind == .load)
    #expect(
      error.message == "model 'm': \(folder.path)/external.onnx.data: cannot be read: No such file or directory. "
        + "\(folder.path)/external.onnx has weights in it; they belong together, in one folder")
  }

  @Test func aFileThatWasNotCopiedCompletelyIsShorterThanTheModelSays() throws {
    let folder = try Self.copy()
    try folder.write("external.onnx.data", Data(count: 31))
    let error = try #require(throws: ModelError.self) { try ONNXModel(path: folder.path, name: "m") }
    #expect(error.message.contains("external.onnx.data: ends after 31 bytes, and should have 32; was it copied completely?"), "\(error)")
  }

  @Test(arguments: ["../external.onnx.data", "/external.onnx.data", "a/../../external.onnx.data", "a/..", "", "a\0b"])
  func aPathThatLeavesTheModelsFolderIsRefused(location: String) throws {
    let folder = try TemporaryFolder()
    try folder.write("model.onnx", Data(Self.model(.tensor(location))))
    let error = try #require(throws: ModelError.self) { try ONNXFiles(folder.path) }
    #expect(error.message.hasPrefix("'\(location)' is no path of a file in the model's folder. \(folder.path)/model.onnx has"), "\(error)")
  }

  @Test(arguments: [("-1", "4"), ("x", ""), ("0", "9223372036854775808"), ("9223372036854775807", "1"), ("0", "5"), ("5", "")])
  func aPlaceThatNoFileHasIsRefused(offset: String, length: String) throws {
    let folder = try TemporaryFolder()
    try folder.write("w", Data(count: 4))
    try folder.write("model.onnx", Data(Self.model(.tensor("w", offset: offset, length: length))))
    let error = try #require(throws: ModelError.self) { try ONNXFiles(folder.path) }
    #expect(error.message.hasPrefix("\(folder.path)/w: "), "\(error)")
    try folder.write("model.onnx", Data(Self.model(.tensor("w", offset: "1", length: "3"))))
    #expect(try ONNXFiles(folder.path).weights.map(\.location) == ["w"])
  }

  @Test func aFileMayLieDeeperAndIsTakenOnce() throws {
    let folder = try TemporaryFolder()
    try folder.write("weights/b", Data(count: 4))
    try folder.write("a", Data(count: 4))
    let model = Self.model(.tensor("weights/b"), .tensor("a"), .tensor("weights/b", offset: "2", length: "2"))
    try folder.write("model.onnx", Data(model))
    let files = try ONNXFiles(folder.path)
    #expect(files.weights.map(\.location) == ["a", "weights/b"])
    #expect(files.weights.map(\.path) == ["\(folder.path)/a", "\(folder.path)/weights/b"])
    let digest = try files.digest()
    try folder.write("a", Data([0, 0, 0, 1]))
    #expect(try files.digest() != digest)
  }

  @Test func aChangeOfAnyFileIsNoticed() throws {
    let folder = try Self.copy()
    for name in ["external.onnx", "external.onnx.data"] {
      let files = try ONNXFiles(folder.path)
      #expect(files.changed == nil)
      try folder.write(name, Data(contentsOf: URL(fileURLWithPath: "\(folder.path)/\(name)")))
      #expect(files.changed == "\(folder.path)/\(name)")
    }
  }

  // MARK: Where tensors may be

  /// A tensor in an initializer, an attribute, a list of them, sparse, in a graph within, in a function, and none that is no one's weight.
  @Test func tensorsAreFoundWhereverTheyMayBe() throws {
    var model = ProtobufWriter()
    model.message(7) { graph in
      graph.message(5) { $0.external("initializer", offset: "4096", length: "12") }
      graph.message(5) { $0.content(9, [0, 0, 128, 63]) }
      graph.message(15) { sparse in
        sparse.message(1) { $0.external("values") }
        sparse.message(2) { $0.external("indices") }
      }
      graph.message(1) { node in
        node.text(1, "input")
        node.message(5) { $0.message(5) { $0.external("attribute") } }
        node.message(5) { attribute in for name in ["list1", "list2"] { attribute.message(10) { $0.external(name) } } }
        node.message(5) { $0.message(22) { $0.message(1) { $0.external("sparse") } } }
        node.message(5) { $0.message(23) { $0.message(2) { $0.external("sparses") } } }
        node.message(5) { branch in
          branch.message(6) { graph in
            graph.message(5) { $0.external("then") }
            graph.message(1) { $0.message(5) { $0.message(11) { $0.message(5) { $0.external("within") } } } }
          }
        }
      }
    }
    model.message(20) { $0.message(1) { $0.message(5) { $0.external("training") } } }
    model.message(25) { function in
      function.message(7) { $0.message(5) { $0.message(5) { $0.external("function") } } }
      function.message(11) { $0.message(5) { $0.external("default") } }
    }
    let found = try model.bytes.withUnsafeBytes { try ExternalData($0).references }
    #expect(
      found.map(\.location) == [
        "initializer", "values", "indices", "attribute", "list1", "list2", "sparse", "sparses", "then", "within", "function", "default",
      ])
    #expect(found.first == ExternalData.Reference(location: "initializer", offset: "4096", length: "12"))
  }

  @Test func graphsWithinGraphsHaveAnEnd() throws {
    func nested(_ depth: Int) -> [UInt8] {
      var graph: [UInt8] = []
      for _ in 0..<depth {
        var outer = ProtobufWriter()
        outer.message(1) { $0.message(5) { $0.content(6, graph) } }
        graph = outer.bytes
      }
      var model = ProtobufWriter()
      model.content(7, graph)
      return model.bytes
    }
    #expect(throws: Never.self) { try nested(100).withUnsafeBytes { _ = try ExternalData($0) } }
    #expect(throws: ProtobufReader.Damage.self) { try nested(102).withUnsafeBytes { _ = try ExternalData($0) } }
  }

  private struct Tensor {
    let location: String
    let offset: String
    let length: String

    static func tensor(_ location: String, offset: String = "", length: String = "") -> Tensor {
      Tensor(location: location, offset: offset, length: length)
    }
  }

  private static func model(_ tensors: Tensor...) -> [UInt8] {
    var model = ProtobufWriter()
    model.message(7) { graph in
      for tensor in tensors {
        graph.message(5) { $0.external(tensor.location, offset: tensor.offset, length: tensor.length) }
      }
    }
    return model.bytes
  }
}

extension ProtobufWriter {
  /// A TensorProto's location, in another file.
  fileprivate mutating func external(_ location: String, offset: String = "", length: String = "") {
    for (key, value) in [("location", location), ("offset", offset), ("length", length)] where !value.isEmpty || key == "location" {
      message(13) { entry in
        entry.text(1, key)
        entry.text(2, value)
      }
    }
    number(14, 1)
  }
}
