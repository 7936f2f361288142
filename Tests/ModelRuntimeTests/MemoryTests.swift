import Foundation
import Testing

@testable import ModelRuntime

@Suite struct MemoryTests {
  /// In a process of its own, as other tests' memory comes and goes.
  @Test func residentMemoryStaysFlatOverManyRunsSessionsAndErrors() async {
    await #expect(processExitsWith: .success) {
      try MemoryTests.churn(rounds: 2_000)
      let before = MemoryTests.residentBytes()
      try MemoryTests.churn(rounds: 20_000)
      let grown = MemoryTests.residentBytes() - before
      print("resident memory grew by \(grown) bytes")
      // One forgotten value a round would be 4 MB and more.
      exit(grown < 2_000_000 ? EXIT_SUCCESS : EXIT_FAILURE)
    }
  }

  /// Runs of changing size with strings and row by row, runs that fail, sessions that come and go.
  static func churn(rounds: Int) throws {
    let vector = try TestModels.load("vector")
    let strings = try InputTensors(vector, capacity: 8)
    let gather = try TestModels.load("gather")
    let indices = try InputTensors(gather, capacity: 8)
    let fixed = try TestModels.load("fixed_batch")
    let single = try InputTensors(fixed, capacity: 2)
    for row in 0..<8 { strings.setString(input: 1, row: row, column: 0, String(repeating: "long enough", count: row)) }
    indices.setInteger(Int64(99), row: 7)
    var sessions = try (vector.makeSession(inputs: strings), gather.makeSession(inputs: indices), fixed.makeSession(inputs: single))
    for round in 0..<rounds {
      if round % 10 == 0 {
        sessions = try (vector.makeSession(inputs: strings), gather.makeSession(inputs: indices), fixed.makeSession(inputs: single))
      }
      try sessions.0.run(rows: 1 + round % 8)
      do { try sessions.1.run(rows: 1 + round % 8) } catch {}
      try sessions.2.run(rows: 2)
      if round % 1000 == 0 {
        _ = try? TestModels.load("truncated")
        _ = try? TestModels.load("zipmap")
        _ = try TestModels.load("matrix")
      }
    }
  }

  static func residentBytes() -> Int {
    let fields = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ") ?? []
    return fields.count > 1 ? (Int(fields[1]) ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE))) : 0
  }
}
