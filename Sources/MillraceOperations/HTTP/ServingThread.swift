import NIOCore
import NIOPosix

#if canImport(Glibc)
  import Glibc
#endif

/// The one thread that serves HTTP. It gives way to the lanes, and what serves a request never leaves it: neither a thousand
/// scrapes nor a hundred dashboards take more than what the lanes leave.
final class ServingThread: Sendable {
  let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
  let executor: LoopExecutor
  /// The thread's niceness; bulk lanes have 10 by default.
  private static let nice: Int32 = 15

  init() {
    let loop = group.next()
    executor = LoopExecutor(loop: loop)
    #if canImport(Glibc)
      // On Linux niceness belongs to the thread, and 0 names the calling one.
      loop.execute { _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, Self.nice) }
    #endif
  }

  func close() async { try? await group.shutdownGracefully() }
}

/// Runs tasks on an event loop's thread instead of Swift's pool, whose threads have the lanes' priority.
final class LoopExecutor: TaskExecutor {
  private let loop: any EventLoop

  init(loop: any EventLoop) { self.loop = loop }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    loop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
  }
}
