import Dispatch
import Foundation

/// SIGINT and SIGTERM, as something to wait for.
enum Interruption {
  /// Returns at the first SIGINT or SIGTERM.
  static func wait() async {
    let sources = ignoringDefaults()
    await withCheckedContinuation { continuation in
      let once = Once { continuation.resume() }
      for source in sources {
        source.setEventHandler { once.run() }
        source.resume()
      }
    }
    for source in sources { source.cancel() }
  }

  /// Ends the process with code 70 at the second signal: somebody does not want to wait for a drain that hangs.
  static func exitOnSecond() -> [any DispatchSourceSignal] {
    let sources = ignoringDefaults()
    let count = Counter()
    for source in sources {
      source.setEventHandler {
        if count.next() >= 2 {
          printError("error: stopped by a second signal before the drain ended; what was not committed is read again")
          exit(70)
        }
      }
      source.resume()
    }
    return sources
  }

  private static func ignoringDefaults() -> [any DispatchSourceSignal] {
    [SIGINT, SIGTERM].map { number in
      signal(number, SIG_IGN)
      return DispatchSource.makeSignalSource(signal: number, queue: .global())
    }
  }

  private final class Once: Sendable {
    private let body: @Sendable () -> Void
    private let counter = Counter()

    init(_ body: @escaping @Sendable () -> Void) { self.body = body }

    func run() { if counter.next() == 1 { body() } }
  }
}

/// Counts calls from any thread.
private final class Counter: @unchecked Sendable {
  // Unchecked: the lock guards the count.
  private let lock = NSLock()
  private var count = 0

  func next() -> Int {
    lock.withLock {
      count += 1
      return count
    }
  }
}
