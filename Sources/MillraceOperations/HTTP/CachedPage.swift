import Millrace
import NIOCore
import Synchronization

/// A page that costs something to make, kept for a moment: a thousand readers at once make it once.
final class CachedPage: Sendable {
  private struct State {
    var madeAt: MonotonicTime?
    var page = ByteBuffer()
  }

  private let lifetime: Duration
  private let state = Mutex(State())
  private let make: @Sendable () -> String

  init(for lifetime: Duration = .milliseconds(500), _ make: @escaping @Sendable () -> String) {
    self.lifetime = lifetime
    self.make = make
  }

  func page(at now: MonotonicTime = .now) -> ByteBuffer {
    state.withLock { state in
      if let madeAt = state.madeAt, now - madeAt < lifetime { return state.page }
      state.page = ByteBuffer(string: make())
      state.madeAt = now
      return state.page
    }
  }
}
