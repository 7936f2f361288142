import ArgumentParser
import Dispatch
import Foundation

/// Waits for SIGINT and SIGTERM, and ends the process when a drain takes too long.
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

  /// Watches a drain, which the first signal began: ends the process with code 70 at the second one, or when it has taken `timeout`.
  /// - Parameters:
  ///   - timeout: nil where the work limits its own drain.
  ///   - unfinished: what the drain has left.
  static func limitDrain(
    to timeout: Duration?, unfinished: @escaping @Sendable () -> String = { "" }
  ) -> [any DispatchSourceSignal] {
    let sources = ignoringDefaults()
    let count = Counter()
    for source in sources {
      source.setEventHandler {
        if count.next() >= 2 { giveUp("a second signal came before the drain ended", unfinished()) }
        guard let timeout else { return }
        let seconds = Double(timeout.components.seconds) + Double(timeout.components.attoseconds) / 1e18
        DispatchQueue.global().asyncAfter(deadline: .now() + seconds) {
          giveUp("the drain took longer than shutdown_timeout", unfinished())
        }
      }
      source.resume()
    }
    return sources
  }

  /// Runs `body` at each SIGINT and SIGTERM.
  static func onSignal(_ body: @escaping @Sendable () -> Void) -> [any DispatchSourceSignal] {
    let sources = ignoringDefaults()
    for source in sources {
      source.setEventHandler(handler: body)
      source.resume()
    }
    return sources
  }

  private static func giveUp(_ reason: String, _ unfinished: String) -> Never {
    let rest = unfinished.isEmpty ? "" : ": \(unfinished)"
    printError("error: \(reason)\(rest). What was not committed is read again at the next start")
    leave(.runtimeFault)
  }

  /// Ends the process at once, while threads hang: what runs at an orderly exit might wait for them, or take away what they use.
  static func leave(_ code: ExitCode) -> Never {
    fflush(nil)
    _exit(code.rawValue)
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
///
/// @unchecked: the lock guards the count.
private final class Counter: @unchecked Sendable {
  private let lock = NSLock()
  private var count = 0

  func next() -> Int {
    lock.withLock {
      count += 1
      return count
    }
  }
}
