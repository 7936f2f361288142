import Foundation

#if canImport(Glibc)
  import Glibc
#endif

/// A thread of the operating system for one worker: it blocks, which a task of Swift's pool must not, and it has a priority.
enum WorkerThread {
  /// Blocks the calling thread.
  static func sleep(_ time: Duration) { Thread.sleep(forTimeInterval: time.seconds) }

  /// Runs `body` on a new thread.
  /// - Parameters:
  ///   - name: shown by `top -H` and debuggers; Linux keeps the first 15 bytes.
  ///   - nice: the thread's niceness, which the threads that librdkafka starts from it inherit. 0 leaves it alone.
  static func start(name: String, nice: Int, _ body: @escaping @Sendable () -> Void) {
    let thread = Thread {
      #if canImport(Glibc)
        // On Linux niceness belongs to the thread, and 0 names the calling one.
        if nice != 0 { _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, Int32(nice)) }
      #endif
      body()
    }
    thread.name = String(name.prefix(15))
    thread.stackSize = 4 << 20
    thread.start()
  }
}
