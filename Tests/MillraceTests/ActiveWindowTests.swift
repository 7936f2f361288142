import Foundation
import Testing

@testable import Millrace

@Suite struct ActiveWindowTests {
  private func active(_ window: String, _ time: String) throws -> Bool {
    let milliseconds = try #require(RecordTime.milliseconds(of: time))
    return try ActiveWindow(window).isActive(atMs: milliseconds)
  }

  @Test(arguments: [
    ("2026-01-15T19:59:59Z", false), ("2026-01-15T20:00:00Z", true), ("2026-01-15T22:30:00Z", true), ("2026-01-16T03:59:59Z", true),
    ("2026-01-16T04:00:00Z", false), ("2026-01-16T12:00:00Z", false),
    // In summer the same clock is an hour ahead.
    ("2026-07-15T18:59:59Z", false), ("2026-07-15T19:00:00Z", true), ("2026-07-16T02:59:59Z", true), ("2026-07-16T03:00:00Z", false),
  ])
  func aNightInTallinnIsByTallinnsClock(_ time: String, _ expected: Bool) throws {
    #expect(try active("22:00-06:00 Europe/Tallinn", time) == expected)
  }

  @Test func aDayIsWithinADay() throws {
    #expect(try active("09:00-17:00 UTC", "2026-03-01T09:00:00Z"))
    #expect(try !active("09:00-17:00 UTC", "2026-03-01T17:00:00Z"))
    #expect(try active("18:00-24:00 UTC", "2026-03-01T23:59:59.999Z"))
    #expect(try !active("18:00-24:00 UTC", "2026-03-02T00:00:00Z"))
    #expect(try active("00:00-24:00 UTC", "2026-03-02T00:00:00Z"))
    #expect(try active("05:30-05:45 Asia/Kolkata", "2026-03-02T00:00:00Z"))
  }

  @Test func anHourThatIsSkippedOpensNothing() throws {
    // On 2026-03-29 Tallinn's clock goes from 03:00 to 04:00, at 01:00 UTC.
    for minute in stride(from: 0, to: 180, by: 10) {
      let time = try #require(RecordTime.milliseconds(of: "2026-03-29T00:00:00Z")) + Int64(minute) * 60_000
      #expect(try !ActiveWindow("03:00-04:00 Europe/Tallinn").isActive(atMs: time))
    }
    #expect(try active("02:30-04:30 Europe/Tallinn", "2026-03-29T00:59:59Z"))
    #expect(try active("02:30-04:30 Europe/Tallinn", "2026-03-29T01:00:00Z"))
    #expect(try !active("02:30-04:30 Europe/Tallinn", "2026-03-29T01:30:00Z"))
  }

  @Test func anHourThatComesTwiceCountsTwice() throws {
    // On 2026-10-25 Tallinn's clock goes back from 04:00 to 03:00, at 01:00 UTC.
    for time in ["2026-10-25T00:00:00Z", "2026-10-25T00:59:59Z", "2026-10-25T01:00:00Z", "2026-10-25T01:59:59Z"] {
      #expect(try active("03:00-04:00 Europe/Tallinn", time), "\(time)")
    }
    #expect(try !active("03:00-04:00 Europe/Tallinn", "2026-10-24T23:59:59Z"))
    #expect(try !active("03:00-04:00 Europe/Tallinn", "2026-10-25T02:00:00Z"))
  }

  @Test func timesBefore1970AreTimes() throws {
    #expect(try ActiveWindow("23:00-24:00 UTC").isActive(atMs: -1))
    #expect(try !ActiveWindow("00:00-23:00 UTC").isActive(atMs: -1))
  }

  @Test(arguments: [
    "", "22-06 UTC", "22:00-06:00", "22:00-06:00 Nowhere/Land", "22:00-22:00 UTC", "25:00-06:00 UTC", "22:60-06:00 UTC", "24:00-06:00 UTC",
    "22:00-06:00 EST", "22:00–06:00 UTC", "-1:00-06:00 UTC",
  ])
  func whatIsNoWindowIsRefused(_ text: String) {
    #expect(throws: ActiveWindow.Fault.self) { try ActiveWindow(text) }
  }
}

@Suite struct ActiveKeyTests {
  @Test(arguments: [
    ConfigurationFault(
      "active: 22-6",
      "1:38: 'active' in lanes.bulk cannot be the string '22-6' | write hours and a time zone: \"22:00-06:00 Europe/Tallinn\""),
    ConfigurationFault(
      "active: 22:00-06:00 Europe/Talin",
      "1:38: 'active' in lanes.bulk names an unknown time zone: 'Europe/Talin' | write UTC or a place: Europe/Tallinn"),
    ConfigurationFault(
      "active: 22:00-22:00 UTC",
      "1:38: 'active' in lanes.bulk begins when it ends: the string '22:00-22:00 UTC' | write hours and a time zone: "
        + "\"22:00-06:00 Europe/Tallinn\""),
  ])
  func whatIsNoWindowIsAFaultWithItsPlace(_ fault: ConfigurationFault) {
    #expect(ConfigurationFixture.faults("lanes: {bulk: {model: fraud, \(fault.text)}}") == [fault.expected])
  }
}
