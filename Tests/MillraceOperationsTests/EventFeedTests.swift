import NIOCore
import Testing

@testable import MillraceOperations

@Suite struct EventFeedTests {
  @Test(.timeLimit(.minutes(1))) func allDashboardsGetTheSameBytes() async throws {
    let feed = EventFeed(try OperationsRig().pipeline)
    let streams = try (0..<100).map { _ in try #require(feed.subscribe(upTo: 100)) }
    #expect(feed.subscribe(upTo: 100) == nil)
    feed.tick()
    var places: Set<UInt> = []
    for stream in streams {
      var events = stream.makeAsyncIterator()
      #expect(await events.next().map { String(buffer: $0).hasPrefix("event: history\n") } == true)
      let tick = try #require(await events.next())
      #expect(String(buffer: tick).hasPrefix("event: tick\n"))
      places.insert(tick.withUnsafeReadableBytes { UInt(bitPattern: $0.baseAddress) })
    }
    #expect(places.count == 1, "an event is encoded once, whoever reads it")
    feed.finish()
  }
}
