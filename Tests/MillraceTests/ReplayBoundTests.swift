import Testing

@testable import Millrace

@Suite struct ReplayBoundTests {
  private static let now: Int64 = 1_800_000_000_000

  @Test(arguments: [
    ("earliest", ReplayBound.earliest), ("latest", .latest), ("0", .offset(0)), ("42", .offset(42)),
    ("2026-01-31T23:30:00Z", .time(1_769_902_200_000)), ("2026-02-01T01:30:00+02:00", .time(1_769_902_200_000)),
    ("2026-01-31T23:30:00.250Z", .time(1_769_902_200_250)), ("2026-01-31T23:30:00", .time(1_769_902_200_000)),
    ("2026-01-31", .time(1_769_817_600_000)), ("24h", .time(now - 86_400_000)), ("90s", .time(now - 90_000)),
    ("1.5h", .time(now - 5_400_000)), ("7d", .time(now - 604_800_000)), ("999999h", .time(0)),
  ])
  func readsWhatPeopleWrite(_ text: String, _ expected: ReplayBound) {
    #expect(ReplayBound(text, nowMs: Self.now) == expected)
  }

  @Test(arguments: ["", "-1", "yesterday", "24", "12 parsecs", "2026-13-01", "99999999999999999999", "h", "-3h", "1e3"])
  func refusesTheRest(_ text: String) {
    if text == "24" {
      #expect(ReplayBound(text, nowMs: Self.now) == .offset(24))
    } else {
      #expect(ReplayBound(text, nowMs: Self.now) == nil)
    }
  }

  @Test func selectsPartitions() throws {
    let selection = try #require(PartitionSelection("0,2-5,9"))
    #expect((0..<12).filter { selection.contains($0) } == [0, 2, 3, 4, 5, 9])
    for text in ["", ",", "1,", "5-2", "a", "-1", "1-", "3000000000"] { #expect(PartitionSelection(text) == nil, "\(text)") }
  }

  @Test func aRangeIsItsMetadata() throws {
    let range = ReplayRange(from: 5, to: 90)
    let read = try #require(ReplayRange.parse(range.metadata(fingerprint: "ab12")))
    #expect(read.range == range && read.fingerprint == "ab12")
    for text in ["", "x", "millrace-replay/2 from=1 to=2 of=a", "millrace-replay/1 from=3 to=2 of=a", "millrace-replay/1 from=3 to= of=a"] {
      #expect(ReplayRange.parse(text) == nil, "\(text)")
    }
  }

  @Test func theFingerprintIsOfWhatIsReadAndNotOfThePace() {
    var settings = ReplaySettings(name: "a")
    let plain = settings.fingerprint
    settings.pace = .rate(10)
    #expect(settings.fingerprint == plain)
    settings.filter = "key == \"a\""
    #expect(settings.fingerprint != plain)
    settings = ReplaySettings(name: "a")
    settings.topics = ["x"]
    let topic = settings.fingerprint
    settings.topics = []
    settings.lanes = ["x"]
    #expect(settings.fingerprint != topic && topic != plain)
  }
}
