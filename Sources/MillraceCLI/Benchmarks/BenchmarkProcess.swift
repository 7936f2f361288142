import Foundation

/// This program once more, as a process of its own: the broker, or whoever fills a topic.
final class BenchmarkProcess {
  private let process = Process()
  private let output = Pipe()
  private let input = Pipe()

  /// Starts the program.
  /// - Parameter environment: in addition to this process's own.
  init(_ arguments: [String], environment: [String: String] = [:]) throws {
    process.executableURL = Bundle.main.executableURL ?? URL(fileURLWithPath: CommandLine.arguments[0])
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardOutput = output
    process.standardInput = input
    try process.run()
  }

  var isRunning: Bool { process.isRunning }

  /// The next line of its standard output; empty at the end.
  func line() -> String {
    var line = Data()
    while let byte = try? output.fileHandleForReading.read(upToCount: 1), !byte.isEmpty, byte.first != UInt8(ascii: "\n") { line += byte }
    return String(decoding: line, as: UTF8.self)
  }

  /// Lets one that says it is ready begin.
  func go() throws { try input.fileHandleForWriting.write(contentsOf: Data("go\n".utf8)) }

  func wait() throws {
    process.waitUntilExit()
    if process.terminationStatus != 0 {
      throw BenchmarkFault("`millrace \(process.arguments?.joined(separator: " ") ?? "")` ended with \(process.terminationStatus)")
    }
  }

  func stop() {
    process.terminate()
    process.waitUntilExit()
  }
}
