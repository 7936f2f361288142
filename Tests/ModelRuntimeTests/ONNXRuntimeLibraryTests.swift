import Foundation
import Testing

@testable import ModelRuntime

@Suite struct ONNXRuntimeLibraryTests {
  @Test func loadsOnceAndKnowsItsVersion() throws {
    let library = try ONNXRuntimeLibrary.load()
    #expect(library.version.hasPrefix("1."))
    #expect(try ONNXRuntimeLibrary.load() === library)
  }

  @Test func aMissingLibraryListsWhatWasTriedAndHowToInstallIt() throws {
    let folder = try TemporaryFolder()
    let search = ONNXRuntimeSearch(named: folder.path + "/none", executable: nil, currentDirectory: nil)
    let error = try #require(throws: ModelError.self) { try ONNXRuntimeLibrary(search) }
    #expect(error.kind == .runtimeMissing)
    for part in [folder.path + "/none", "MILLRACE_ONNXRUNTIME", "`make`", "`pip install onnxruntime`"] {
      #expect(error.message.contains(part), "\(error)")
    }
  }

  @Test func aFileThatIsNoLibraryOrAnotherOneIsRefused() throws {
    let folder = try TemporaryFolder()
    try folder.write("libonnxruntime.so", Data("not a library".utf8))
    let search = ONNXRuntimeSearch(named: folder.path, executable: nil, currentDirectory: nil)
    let error = try #require(throws: ModelError.self) { try ONNXRuntimeLibrary(search) }
    #expect(error.message.contains(folder.path + "/libonnxruntime.so"))
    let other = try #require(throws: ModelError.self) { try ONNXRuntimeLibrary(path: "libm.so.6") }
    #expect(other.message.contains("not ONNX Runtime"))
  }
}

@Suite struct ONNXRuntimeSearchTests {
  private static let library = "libonnxruntime.so.1.31.1"
  private static let system: [ONNXRuntimeSearch.Candidate] = [
    .file("libonnxruntime.so", isWanted: false), .file("libonnxruntime.so.1", isWanted: false),
  ]

  @Test func whatTheVariableNamesIsTheOnlyCandidate() throws {
    let folder = try TemporaryFolder()
    try folder.write(Self.library, Data())
    let file = folder.path + "/" + Self.library
    for named in [folder.path, file] {
      let search = ONNXRuntimeSearch(named: named, executable: "/bin/x", currentDirectory: folder.path)
      #expect(search.candidates == [.file(file, isWanted: true)])
    }
  }

  @Test(arguments: ["", "lib/", "capi/", "onnxruntime/capi/"])
  func aFolderAboveTheExecutableComesBeforeTheCurrentDirectoryAndTheSystem(inside: String) throws {
    let project = try TemporaryFolder()
    let current = try TemporaryFolder()
    try project.write(".onnxruntime/" + inside + Self.library, Data())
    try current.write(".onnxruntime/" + Self.library, Data())
    let search = ONNXRuntimeSearch(
      named: nil, executable: project.path + "/.build/release/millrace", currentDirectory: current.path)
    #expect(
      search.candidates.dropFirst() == [
        .file(project.path + "/.onnxruntime/" + inside + Self.library, isWanted: false),
        .file(current.path + "/.onnxruntime/" + Self.library, isWanted: false),
      ] + Self.system)
  }

  @Test func theNameWithoutAVersionIsPreferredThenTheNewest() throws {
    let folder = try TemporaryFolder()
    try folder.write("libonnxruntime.so.1.20.0", Data())
    try folder.write("libonnxruntime.so.1.31.1", Data())
    try folder.write("libonnxruntime_providers_shared.so", Data())
    #expect(ONNXRuntimeSearch.library(at: folder.path) == folder.path + "/libonnxruntime.so.1.31.1")
    try folder.write("libonnxruntime.so", Data())
    #expect(ONNXRuntimeSearch.library(at: folder.path) == folder.path + "/libonnxruntime.so")
  }

  @Test func withoutAnyInstallationOnlyTheSystemIsLeft() throws {
    let folder = try TemporaryFolder()
    let search = ONNXRuntimeSearch(named: "", executable: folder.path + "/x", currentDirectory: folder.path)
    #expect(Array(search.candidates.suffix(2)) == Self.system)
    #expect(search.candidates.count == 4)
  }
}
