import Foundation
import Logging
import Millrace
import Testing

@testable import MillraceOperations

@Suite struct LogStreamTests {
  private let lines = CapturedLines()

  @Test func aLineOfJSONIsOneObjectWithItsMetadata() throws {
    let stream = LogStream(level: .info, format: .json, write: lines.append)
    stream.logger("a").warning("commit failed", metadata: ["lane": "bulk", "error": "two\nlines \"quoted\"\u{1}", "level": "no"])
    let line = try #require(lines.all.first)
    #expect(!line.contains("\n"))
    let object = try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: String])
    #expect(object["level"] == "warning")
    #expect(object["message"] == "commit failed")
    #expect(object["lane"] == "bulk")
    #expect(object["error"] == "two\nlines \"quoted\"\u{1}")
    #expect(object["time"]?.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/) != nil)
  }

  @Test func aLineOfTextStaysOneLine() {
    let stream = LogStream(level: .info, format: .text, write: lines.append)
    stream.logger("a").error("commit failed", metadata: ["lane": "bulk", "error": "two\nlines"])
    #expect(lines.all.first?.hasSuffix(#"error commit failed error="two\nlines" lane=bulk"#) == true)
  }

  @Test func theLevelHoldsForEveryLoggerAndChangesAtOnce() {
    let stream = LogStream(level: .warning, format: .text, write: lines.append)
    var log = stream.logger("a")
    log[metadataKey: "lane"] = "bulk"
    let copy = log
    copy.info("one")
    stream.level = .debug
    copy.debug("two")
    log.debug("three")
    #expect(lines.all.count == 2)
  }

  @Test func whatRepeatsIsCountedInsteadOfWritten() {
    var limit = RepeatLimit()
    let key = RepeatLimit.Key(level: .warning, message: "again", lane: "bulk", facility: "")
    let other = RepeatLimit.Key(level: .warning, message: "again", lane: "urgent", facility: "")
    let start = MonotonicTime(nanoseconds: 0)
    let admitted = (0..<100).compactMap { _ in limit.admit(key, at: start) }
    #expect(admitted == Array(repeating: 0, count: RepeatLimit.burst))
    #expect(limit.admit(other, at: start) == 0)
    #expect(limit.admit(key, at: start + RepeatLimit.window) == 100 - RepeatLimit.burst)
    #expect(limit.admit(key, at: start + RepeatLimit.window) == 0)
  }

  @Test func kindsAreForgottenBeforeTheyFillTheMemory() {
    var limit = RepeatLimit()
    for number in 0..<(RepeatLimit.maxKinds * 3) {
      let key = RepeatLimit.Key(level: .info, message: "\(number)", lane: "", facility: "")
      #expect(limit.admit(key, at: MonotonicTime(nanoseconds: 0)) == 0)
    }
  }
}
