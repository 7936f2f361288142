import Millrace
import NIOCore
import Synchronization
import Testing

@testable import MillraceOperations

@Suite struct CachedPageTests {
  @Test func readersOfOneMomentShareOneMaking() async {
    let makings = Atomic(0)
    let page = CachedPage(for: .milliseconds(500)) { "page \(makings.add(1, ordering: .relaxed).newValue)" }
    let start = MonotonicTime.now
    await withTaskGroup(of: String.self) { group in
      for _ in 0..<1_000 { group.addTask { String(buffer: page.page(at: start)) } }
      for await text in group { #expect(text == "page 1") }
    }
    #expect(String(buffer: page.page(at: start + .milliseconds(499))) == "page 1")
    #expect(String(buffer: page.page(at: start + .milliseconds(500))) == "page 2")
    #expect(makings.load(ordering: .relaxed) == 2)
  }
}
