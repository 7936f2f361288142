import Foundation

/// A temporary copy of the set-up scripts, and a PATH of its own: basic tools, and what a test adds.
final class Machine {
  struct Result: Equatable {
    let status: Int32
    let output: String
    let errors: String

    static func succeeded(_ output: String) -> Result { Result(status: 0, output: output, errors: "") }
    static func failed(_ errors: String) -> Result { Result(status: 1, output: "", errors: errors) }
  }

  private let root: URL
  private var tools: URL { root.appending(path: "bin") }

  init() throws {
    root = FileManager.default.temporaryDirectory.appending(path: "millrace-\(UUID().uuidString)")
    let scripts = root.appending(path: "config/setup")
    try FileManager.default.createDirectory(at: scripts.deletingLastPathComponent(), withIntermediateDirectories: true)
    try FileManager.default.createDirectory(at: tools, withIntermediateDirectories: true)
    try FileManager.default.copyItem(at: Tree.current.root.appending(path: "config/setup"), to: scripts)
    for tool in ["sed", "tail", "dirname", "mkdir", "mktemp", "rm", "cat", "id"] { try addReal(tool) }
  }

  deinit { try? FileManager.default.removeItem(at: root) }

  /// What the stubs of `addApt` and of tests wrote to `$LOG`.
  var log: String { (try? String(contentsOf: root.appending(path: "log"), encoding: .utf8)) ?? "" }

  func files(in folder: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: root.appending(path: folder).path)) ?? []).sorted()
  }

  func write(_ path: String, _ text: String) throws {
    let file = root.appending(path: path)
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: file)
  }

  /// Puts a command on the PATH: a shell script.
  func add(_ tool: String, _ script: String) throws {
    try write("bin/\(tool)", "#!/bin/sh\n\(script)\n")
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: tools.appending(path: tool).path)
  }

  /// Puts a command of the real machine on the PATH.
  func addReal(_ tool: String) throws {
    try add(tool, "PATH='\(ProcessInfo.processInfo.environment["PATH"] ?? "")'; exec \(tool) \"$@\"")
  }

  /// A Debian without any of the libraries, whose apt-get logs how it was called.
  func addApt(user: Int) throws {
    try add("apt-get", "echo \"$@\" >>\"$LOG\"")
    try add("clang", "exit 1")
    try add("id", "echo \(user)")
  }

  func zip(_ folder: String, to file: String) throws {
    try addReal("python3")
    let result = try execute(["python3", "-m", "zipfile", "-c", file, "\(folder)/onnxruntime"])
    guard result.status == 0 else { throw CocoaError(.fileWriteUnknown, userInfo: [NSLocalizedDescriptionKey: result.errors]) }
  }

  /// Runs a script of config/setup in the copy's root.
  func run(_ script: String, _ arguments: String...) throws -> Result {
    try execute(["config/setup/\(script)"] + arguments)
  }

  private func execute(_ command: [String]) throws -> Result {
    let process = Process()
    let (output, errors) = (root.appending(path: "output"), root.appending(path: "errors"))
    try write("output", "")
    try write("errors", "")
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = command
    process.currentDirectoryURL = root
    process.environment = ["PATH": tools.path, "LOG": root.appending(path: "log").path]
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try FileHandle(forWritingTo: output)
    process.standardError = try FileHandle(forWritingTo: errors)
    try process.run()
    process.waitUntilExit()
    return Result(
      status: process.terminationStatus, output: try String(contentsOf: output, encoding: .utf8),
      errors: try String(contentsOf: errors, encoding: .utf8))
  }
}
