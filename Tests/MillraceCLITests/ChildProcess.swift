import Foundation

/// Runs the built command, and other people's, as a person at a terminal would.
struct ChildProcess {
  struct Outcome {
    let status: Int32
    let output: String
    let errors: String
  }

  /// The folder that holds Package.swift.
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
  /// The folder that holds what was built with these tests, whichever build that is.
  static let build = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
  static let millrace = build.appendingPathComponent("millrace").path

  private let process = Process()
  private let output = Pipe()
  private let errorFile: URL

  /// Starts a program. Its standard error goes to a file, so that a full pipe can't stop it.
  init(_ program: String, _ arguments: [String], input: URL? = nil, environment: [String: String] = [:]) throws {
    errorFile = FileManager.default.temporaryDirectory.appendingPathComponent("millrace-\(UUID().uuidString).err")
    _ = FileManager.default.createFile(atPath: errorFile.path, contents: nil)
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.currentDirectoryURL = Self.root
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardOutput = output
    process.standardError = try FileHandle(forWritingTo: errorFile)
    process.standardInput = try input.map { try FileHandle(forReadingFrom: $0) } ?? FileHandle.nullDevice
    try process.run()
  }

  /// The first line of standard output.
  func firstLine() -> String {
    var line = Data()
    while let byte = try? output.fileHandleForReading.read(upToCount: 1), byte.first != UInt8(ascii: "\n"), !byte.isEmpty { line += byte }
    return String(decoding: line, as: UTF8.self)
  }

  func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

  var isRunning: Bool { process.isRunning }

  /// Waits for the end.
  func outcome() throws -> Outcome {
    let text = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    let errors = String(decoding: try Data(contentsOf: errorFile), as: UTF8.self)
    try? FileManager.default.removeItem(at: errorFile)
    let status = process.terminationReason == .uncaughtSignal ? -process.terminationStatus : process.terminationStatus
    return Outcome(status: status, output: String(decoding: text, as: UTF8.self), errors: errors)
  }

  static func run(_ program: String, _ arguments: [String], input: URL? = nil, environment: [String: String] = [:]) throws -> Outcome {
    try ChildProcess(program, arguments, input: input, environment: environment).outcome()
  }
}
