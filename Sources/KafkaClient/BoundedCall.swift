import Dispatch
import Foundation
import Synchronization

/// Makes a blocking call on a thread of its own and waits for it no longer than `time`: for calls of librdkafka that may overrun their own
/// time-out.
/// - Returns: nil if it has not come back in time. It goes on then, and whatever it uses must be left to it.
func waiting<Answer: Sendable>(atMost time: Duration, for call: @escaping @Sendable () -> Answer) -> Answer? {
  let answer = AnswerBox<Answer>()
  let done = DispatchSemaphore(value: 0)
  Thread {
    answer.value.withLock { $0 = call() }
    done.signal()
  }.start()
  guard done.wait(timeout: .now() + (time / .seconds(1))) == .success else { return nil }
  return answer.value.withLock { $0 }
}

private final class AnswerBox<Answer: Sendable>: Sendable {
  let value = Mutex<Answer?>(nil)
}
