import Testing

@testable import CEL

@Suite struct TimeTests {
  @Test(arguments: [
    ("1970-01-01T00:00:00Z", 0), ("0001-01-01T00:00:00Z", -62_135_596_800), ("9999-12-31T23:59:59Z", 253_402_300_799),
    ("2000-02-29T12:00:00Z", 951_825_600), ("1969-12-31T23:59:59Z", -1), ("2024-06-30T23:59:59-01:30", 1_719_797_399),
    ("1900-03-01T00:00:00z", -2_203_891_200),
  ])
  func `RFC 3339 is read and written`(text: String, seconds: Int64) throws {
    let time = try #require(TimeText.timestamp(text))
    #expect(time.seconds == seconds)
    #expect(TimeText.timestamp(TimeText.text(time)) == time)
  }

  @Test(arguments: [
    "", "2024", "2024-01-01", "2024-01-01T00:00:00", "2024-1-1T00:00:00Z", "2024-13-01T00:00:00Z", "2023-02-29T00:00:00Z",
    "2024-00-01T00:00:00Z",
    "2024-01-00T00:00:00Z", "2024-01-01T24:00:00Z", "2024-01-01T00:60:00Z", "2024-01-01T00:00:61Z", "2024-01-01T00:00:00.Z",
    "2024-01-01T00:00:00+1:00",
    "2024-01-01T00:00:00+24:00", "2024-01-01T00:00:00ZZ", "0000-01-01T00:00:00Z", "0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01",
    "+024-01-01T00:00:00Z",
  ])
  func `what is no timestamp, or out of range, is refused`(text: String) {
    #expect(TimeText.timestamp(text) == nil)
  }

  @Test(arguments: [
    ("1.5s", 1_500_000_000), ("-1h30m", -5_400_000_000_000), ("0", 0), ("+3ms", 3_000_000), ("1us", 1000), ("1µs", 1000), ("7ns", 7),
    (".5s", 500_000_000),
    ("1.s", 1_000_000_000), ("1h1m1s1ms1us1ns", 3_661_001_001_001), ("0.0000000019s", 1), ("2562047h47m16.854775807s", Int64.max),
    ("-2562047h47m16.854775808s", Int64.min), ("0.1h", 360_000_000_000), ("0.333333333333h", 1_199_999_999_998),
  ])
  func `durations are numbers with units`(text: String, nanoseconds: Int64) {
    #expect(TimeText.duration(text) == nanoseconds)
  }

  @Test(arguments: [
    "", "-", "1", "s", ".s", "1x", "1d", "1 s", "1s ", "--1s", "2562048h", "2562047h47m16.854775808s", "99999999999999999999s", "1h-1m",
  ])
  func `what is no duration, or too long, is refused`(text: String) {
    #expect(TimeText.duration(text) == nil)
  }

  @Test func `every day of four centuries survives its calendar`() {
    var day = CivilTime(year: 1899, month: 12, day: 31, hour: 0, minute: 0, second: 0).days
    let end = day + 146_097 + 2
    var before = CivilTime(seconds: (day - 1) * 86_400)
    while day < end {
      let civil = CivilTime(seconds: day * 86_400 + 3661)
      #expect(civil.days == day)
      #expect(civil.seconds == day * 86_400 + 3661)
      let isNext = civil.day == before.day + 1 && civil.month == before.month || civil.day == 1 && civil.month == before.month % 12 + 1
      #expect(isNext)
      if civil.day == 1 { #expect(before.day == CivilTime.daysInMonth(before.month, of: before.year)) }
      before = civil
      day += 1
    }
  }

  static let summer = "timestamp('2024-07-14T22:30:45.678Z')"

  @Test(arguments: [
    Row("\(summer).getFullYear()", "2024"), Row("\(summer).getMonth()", "6"), Row("\(summer).getDate()", "14"),
    Row("\(summer).getDayOfMonth()", "13"),
    Row("\(summer).getDayOfWeek()", "0"), Row("\(summer).getDayOfYear()", "195"), Row("\(summer).getHours()", "22"),
    Row("\(summer).getMinutes()", "30"),
    Row("\(summer).getSeconds()", "45"), Row("\(summer).getMilliseconds()", "678"), Row("\(summer).getDate('Europe/Paris')", "15"),
    Row("\(summer).getHours('Europe/Paris')", "0"), Row("\(summer).getHours('+05:30')", "4"), Row("\(summer).getMinutes('-00:45')", "45"),
    Row("\(summer).getHours('02:00')", "0"), Row("timestamp('2024-01-14T22:30:00Z').getHours('Europe/Paris')", "23"),
    Row("\(summer).getHours('Mars/Olympus')", "error"), Row("\(summer).getHours('')", "error"),
    Row("\(summer).getHours('+25:00')", "error"),
    Row("timestamp(event.t).getHours(event.z)", "18"), Row("timestamp('1969-12-31T23:59:59.5Z').getMilliseconds()", "500"),
    Row("duration('26h61m1.5s').getHours()", "27"), Row("duration('90m').getMinutes()", "90"), Row("duration('-90s').getSeconds()", "-90"),
    Row("duration('1.234s').getMilliseconds()", "234"), Row("dyn(duration('1s')).getFullYear()", "error"),
    Row("dyn('x').getHours()", "error"),
    Row("dyn(duration('1s')).getHours('UTC')", "error"),
  ])
  func `parts of times count as the language says, in the zone asked for`(row: Row) {
    row.check(event: #"{"t": "2024-07-14T22:30:45Z", "z": "America/New_York"}"#)
  }
}
