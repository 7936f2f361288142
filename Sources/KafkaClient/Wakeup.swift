import CRdKafka
import Glibc

/// A flag that librdkafka's queues and any thread can raise, and that one thread waits on without spinning.
///
/// A queue raises it when something arrives in it while it is empty. So drain every queue before waiting: a `poll` that
/// filled its buffer may have left records behind, and nothing will be raised for those.
package final class Wakeup: Sendable {
  let descriptor: Int32

  package init() throws(KafkaError) {
    descriptor = mr_eventfd_open()
    if descriptor < 0 { throw KafkaError(.fail, reason: String(cString: strerror(errno)), context: "opening an event descriptor") }
  }

  deinit {
    close(descriptor)
  }

  /// Raises the flag. From any thread.
  package func signal() {
    mr_eventfd_signal(descriptor)
  }

  /// Waits until the flag is raised and lowers it: true. False once the time is over. A negative time waits for ever.
  package func wait(timeoutMs: Int32) -> Bool {
    let deadline = ContinuousClock.now.advanced(by: .milliseconds(Int(timeoutMs)))
    var remaining = timeoutMs
    while true {
      if mr_eventfd_take(descriptor) != 0 { return true }
      if remaining == 0 { return false }
      var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      // A signal handler that ran, or another waiter that was faster, leaves the rest of the time to wait.
      if poll(&request, 1, remaining) == 0 { return false }
      if timeoutMs > 0 {
        let left = ContinuousClock.now.duration(to: deadline)
        remaining = max(0, Int32(left.components.seconds * 1000 + left.components.attoseconds / 1_000_000_000_000_000))
      }
    }
  }
}
