#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A thread of the operating system for one worker: it blocks, which a task of Swift's pool must not, and it has a priority.
enum WorkerThread {
  /// Runs `body` on a new thread.
  /// - Parameters:
  ///   - name: shown by `top -H` and debuggers; Linux keeps the first 15 bytes.
  ///   - nice: added to the thread's niceness, and inherited by the threads that librdkafka starts from it. 0 leaves it alone.
  static func start(name: String, nice: Int, _ body: @escaping @Sendable () -> Void) {
    let box = Unmanaged.passRetained(Start(name: name, nice: nice, body: body))
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    pthread_attr_setstacksize(&attributes, 4 << 20)
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    defer { pthread_attr_destroy(&attributes) }
    #if canImport(Glibc)
      var thread = pthread_t()
    #else
      var thread: pthread_t?
    #endif
    let status = pthread_create(
      &thread, &attributes,
      { context in
        #if canImport(Glibc)
          let start = Unmanaged<Start>.fromOpaque(context!).takeRetainedValue()
        #else
          let start = Unmanaged<Start>.fromOpaque(context).takeRetainedValue()
        #endif
        start.run()
        return nil
      }, box.toOpaque())
    precondition(status == 0, "no thread could be started: \(String(cString: strerror(status)))")
  }

  private final class Start: Sendable {
    let name: String
    let nice: Int
    let body: @Sendable () -> Void

    init(name: String, nice: Int, body: @escaping @Sendable () -> Void) {
      self.name = name
      self.nice = nice
      self.body = body
    }

    func run() {
      #if canImport(Glibc)
        pthread_setname_np(pthread_self(), String(name.prefix(15)))
        // On Linux niceness belongs to the thread, and 0 names the calling one.
        if nice != 0 { _ = setpriority(PRIO_PROCESS, 0, Int32(nice)) }
      #else
        pthread_setname_np(name)
      #endif
      body()
    }
  }
}
