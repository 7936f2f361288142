import Foundation
import Testing

@testable import ModelRuntime

@Suite struct ONNXModelTests {
  @Test func readsNamesTypesAndShapesWithTheirSymbolicDimensions() throws {
    let matrix = try TestModels.load("matrix").signature
    #expect(matrix.description == "(input: float32[batch, 3]) -> (sum: float32[batch, 1], doubled: float32[batch, 3])")
    #expect(matrix.inputs[0].shape == [nil, 3])
    #expect(matrix.outputIndex(named: "doubled") == 1)
    #expect(!matrix.fixedBatch)

    let columns = try TestModels.load("columns").signature
    #expect(columns.inputs.map(\.name) == ["amount", "ratio", "count", "code", "flag", "country"])
    #expect(columns.inputs.map(\.elementType) == [.float32, .float64, .int64, .int32, .bool, .string])
    #expect(columns.inputs.allSatisfy { $0.width == 1 })

    let vector = try TestModels.load("vector").signature
    #expect(vector.inputs.map(\.typeAndShape) == ["float32[N]", "string[N, 2]"])
    #expect(try TestModels.load("open_width").signature.inputs[0].width == nil)
  }

  @Test func readsWhatTheFileSaysAboutItself() throws {
    let metadata = try TestModels.load("matrix").metadata
    #expect(metadata.producer == "make_models")
    #expect(metadata.graphName == "matrix")
    #expect(metadata.domain == "test.millrace")
    #expect(metadata.description == "row sums")
    #expect(metadata.version == 7)
    #expect(metadata.custom == ["author": "tests", "threshold": "0.5"])
    let none = try TestModels.load("noop").metadata
    #expect(none.version == 0 && none.custom.isEmpty)
  }

  @Test func theVersionIsTheGivenOneElseTheFilesOwnElseItsDigest() throws {
    #expect(try TestModels.load("matrix", version: "2026-11").version == "2026-11")
    #expect(try TestModels.load("matrix").version == "7")
    let digest = try ModelFile.digest(TestModels.path("noop"))
    #expect(digest.count == 64)
    #expect(try TestModels.load("noop").version == digest.prefix(12))
  }

  @Test func aFolderMeansItsModelFile() throws {
    let folder = try TemporaryFolder()
    let onnx = try Data(contentsOf: URL(fileURLWithPath: TestModels.path("noop")))
    try folder.write("trained.onnx", onnx)
    #expect(try ONNXModel(path: folder.path, name: "m").path == folder.path + "/trained.onnx")
    try folder.write("other.onnx", onnx)
    let error = try #require(throws: ModelError.self) { try ONNXModel(path: folder.path, name: "m") }
    #expect(error.message.contains("other.onnx, trained.onnx"))
    try folder.write("model.onnx", onnx)
    #expect(try ONNXModel(path: folder.path + "/", name: "m").path == folder.path + "/model.onnx")
  }

  @Test func aMissingFileIsNamed() throws {
    let error = try TestModels.loadError("no_such_model")
    #expect(error.kind == .load)
    #expect(error.message.contains("no_such_model.onnx") && error.message.contains("No such file"))
    let relative = try #require(throws: ModelError.self) { try ONNXModel(path: "nowhere/model.onnx", name: "m") }
    #expect(relative.message.contains(FileManager.default.currentDirectoryPath))
  }

  @Test(.enabled(if: geteuid() != 0, "root reads everything"))
  func aFileThatMayNotBeReadIsNamed() throws {
    let folder = try TemporaryFolder()
    try folder.write("model.onnx", Data([1]))
    chmod(folder.path + "/model.onnx", 0)
    let error = try #require(throws: ModelError.self) { try ONNXModel(path: folder.path, name: "m") }
    #expect(error.message.contains("Permission denied"))
  }

  @Test func anEmptyFileOrFolderIsSaidToBeEmpty() throws {
    let folder = try TemporaryFolder()
    let none = try #require(throws: ModelError.self) { try ONNXModel(path: folder.path, name: "m") }
    #expect(none.message.contains("found no .onnx file"))
    try folder.write("model.onnx", Data())
    let empty = try #require(throws: ModelError.self) { try ONNXModel(path: folder.path, name: "m") }
    #expect(empty.message.contains("the file is empty"))
  }

  @Test(arguments: [
    ("corrupt", "damaged or is not an ONNX model"),
    ("truncated", "damaged or is not an ONNX model"),
    ("future_opset", "newer than ONNX Runtime"),
    ("future_format", "newer than ONNX Runtime"),
    ("unknown_operator", "Frobnicate"),
  ])
  func aFileThatDoesNotLoadIsExplained(name: String, explanation: String) throws {
    let error = try TestModels.loadError(name)
    #expect(error.kind == .load)
    #expect(error.message.contains("\(name).onnx"))
    #expect(error.message.contains(explanation), "\(error)")
  }

  @Test(arguments: [
    ("zipmap", ["output 'output_probability'", "{'zipmap': False}", "zipmap=False"]),
    ("half", ["output 'output'", "float16", "Cast to float32"]),
    ("bytes_input", ["input 'input'", "uint8"]),
    ("fixed_batch_of_four", ["input 'input'", "float32[4, 2]", "dynamic_axes", "[None, 2]"]),
    ("scalar_input", ["input 'input'", "float32[]", "no dimension for rows"]),
  ])
  func aModelThatCannotBeServedSaysHowToExportItInstead(name: String, parts: [String]) throws {
    let error = try TestModels.loadError(name)
    #expect(error.kind == .signature)
    for part in parts + ["\(name).onnx"] { #expect(error.message.contains(part), "\(error)") }
  }

  @Test func furtherSessionEntriesAndThreadsArePassedOn() throws {
    let options = ONNXOptions(intraOpThreads: 2, entries: ["session.intra_op.allow_spinning": "0"])
    let model = try ONNXModel(path: TestModels.path("noop"), name: "noop", options: options)
    let session = try model.makeSession(inputs: InputTensors(model, capacity: 1))
    try session.run(rows: 1)
    let senseless = ONNXOptions(entries: ["": "x"])
    #expect(throws: ModelError.self) { try ONNXModel(path: TestModels.path("noop"), name: "noop", options: senseless) }
  }
}

/// A folder that goes when the test does.
final class TemporaryFolder {
  let path: String

  init() throws {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("millrace-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    path = url.path
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func write(_ name: String, _ data: Data) throws {
    let url = URL(fileURLWithPath: path + "/" + name)
    try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try data.write(to: url)
  }
}
