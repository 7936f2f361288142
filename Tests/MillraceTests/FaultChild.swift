import Foundation

/// Processes that end with the thread that started them, however it ends.
enum FaultChild {
  private static let setpriv = URL(fileURLWithPath: "/usr/bin/setpriv")
  private static let gdb = URL(fileURLWithPath: "/usr/bin/gdb")

  /// A process that isn't run yet.
  static func process(_ executable: URL, _ arguments: [String], environment: [String: String]? = nil) -> Process {
    let process = Process()
    process.environment = environment
    if FileManager.default.isExecutableFile(atPath: setpriv.path) {
      process.executableURL = setpriv
      process.arguments = ["--pdeathsig", "KILL", executable.path] + arguments
    } else {
      process.executableURL = executable
      process.arguments = arguments
    }
    return process
  }

  /// Where the threads of a process are, if a debugger can tell.
  static func stacks(_ id: pid_t) -> String {
    guard FileManager.default.isExecutableFile(atPath: gdb.path) else { return "gdb is not there to say" }
    let debugger = process(
      gdb, ["-p", "\(id)", "-batch", "-nx", "-ex", "set print frame-arguments none", "-ex", "thread apply all backtrace 25"])
    let output = Pipe()
    debugger.standardOutput = output
    debugger.standardError = FileHandle.nullDevice
    guard (try? debugger.run()) != nil else { return "gdb does not run" }
    // A debugger may hang, too.
    let debuggerID = debugger.processIdentifier
    let limit = DispatchWorkItem { kill(debuggerID, SIGKILL) }
    DispatchQueue.global().asyncAfter(deadline: .now() + .seconds(60), execute: limit)
    defer { limit.cancel() }
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    debugger.waitUntilExit()
    return text
  }
}
