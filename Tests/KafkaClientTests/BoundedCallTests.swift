import Dispatch
import Testing

@testable import KafkaClient

@Suite struct BoundedCallTests {
  @Test func aCallThatComesBackIsAnswered() {
    #expect(waiting(atMost: .seconds(60)) { 7 } == 7)
  }

  @Test func oneThatDoesNotIsLeftAlone() {
    let gate = DispatchSemaphore(value: 0)
    let answer = waiting(atMost: .milliseconds(20)) { () -> Int in
      gate.wait()
      return 7
    }
    #expect(answer == nil)
    gate.signal()
  }
}
