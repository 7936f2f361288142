import Foundation
import ModelRuntime

/// Which dead letters of one partition are dealt with, although others between them are left where they are.
///
/// Kafka keeps one offset for a group and partition: here that of the first letter that is not dealt with. Those behind it that are stand
/// in the offset's metadata, so that a letter that was left today can be moved tomorrow, and none is moved twice. Pure bookkeeping.
struct RedriveProgress: Equatable {
  /// The first offset that is not dealt with.
  private(set) var base: Int64
  /// What is dealt with behind it: in order, with gaps between, none at `base`.
  private var ranges: [Range<Int64>] = []

  /// How long the metadata may be: a broker refuses more than 4,096 bytes, unless it is told otherwise.
  static let metadataMax = 4000
  /// How many ranges fit whatever they are: two numbers of at most five bytes each.
  private static let alwaysFit = 300

  /// Takes up what was committed.
  /// - Parameter metadata: what was committed with the offset; any other text than ours is passed over.
  init(base: Int64, metadata: String? = nil) {
    self.base = base
    for range in Self.decode(metadata ?? "", base: base) { mark(range) }
  }

  func contains(_ offset: Int64) -> Bool {
    if offset < base { return true }
    let index = firstRange(endingAfter: offset)
    return index < ranges.count && ranges[index].contains(offset)
  }

  /// Notes that these offsets are dealt with, or hold no record.
  mutating func mark(_ range: Range<Int64>) {
    var start = max(range.lowerBound, base)
    var end = range.upperBound
    guard start < end else { return }
    // Those that touch the new range become part of it.
    let first = firstRange(endingAfter: start - 1)
    var last = first
    while last < ranges.count, ranges[last].lowerBound <= end { last += 1 }
    if first < last {
      start = min(start, ranges[first].lowerBound)
      end = max(end, ranges[last - 1].upperBound)
    }
    if start <= base {
      base = end
      ranges.removeSubrange(..<last)
    } else {
      ranges.replaceSubrange(first..<last, with: [start..<end])
    }
  }

  mutating func mark(_ offset: Int64) { mark(offset..<offset + 1) }

  /// Whether the metadata has room to remember this offset, too.
  func hasRoom(for offset: Int64) -> Bool {
    if ranges.count < Self.alwaysFit || max(offset + 1, ranges.last?.upperBound ?? 0) - base <= Self.bitsMax { return true }
    var next = self
    next.mark(offset)
    return next.runsLength <= Self.metadataMax
  }

  /// The metadata to commit along with `base`; nil if it is too long.
  var metadata: String? {
    if ranges.isEmpty { return "" }
    let text = [runs, bits].compactMap(\.self).min { $0.count < $1.count }
    return text.flatMap { $0.utf8.count <= Self.metadataMax ? $0 : nil }
  }

  private func firstRange(endingAfter offset: Int64) -> Int {
    var (low, high) = (0, ranges.count)
    while low < high {
      let middle = (low + high) / 2
      if ranges[middle].upperBound > offset { high = middle } else { low = middle + 1 }
    }
    return low
  }
}

// MARK: Metadata

extension RedriveProgress {
  private static let runsTag = "redrive1r:"
  private static let bitsTag = "redrive1b:"
  /// How many bits fit into the metadata.
  private static let bitsMax = Int64((metadataMax - bitsTag.utf8.count) / 4 * 3 * 8)

  /// The ranges as text: the lengths of what is left and what is dealt with, in turn.
  private var runs: String? {
    var bytes: [UInt8] = []
    var end = base
    for range in ranges {
      for length in [range.lowerBound - end, range.upperBound - range.lowerBound] { LEB128.append(UInt64(length), to: &bytes) }
      end = range.upperBound
    }
    return Self.runsTag + Data(bytes).base64EncodedString()
  }

  /// How long the text of the ranges is.
  private var runsLength: Int {
    var bytes = 0
    var end = base
    for range in ranges {
      bytes += LEB128.length(of: UInt64(range.lowerBound - end)) + LEB128.length(of: UInt64(range.upperBound - range.lowerBound))
      end = range.upperBound
    }
    return Self.runsTag.utf8.count + (bytes + 2) / 3 * 4
  }

  /// The offsets as text: a bit for each.
  private var bits: String? {
    guard let last = ranges.last, last.upperBound - base <= Self.bitsMax else { return nil }
    var bytes = [UInt8](repeating: 0, count: Int(last.upperBound - base + 7) / 8)
    for range in ranges {
      for offset in range { bytes[Int(offset - base) / 8] |= 1 << UInt8((offset - base) % 8) }
    }
    return Self.bitsTag + Data(bytes).base64EncodedString()
  }

  private static func decode(_ text: String, base: Int64) -> [Range<Int64>] {
    if text.hasPrefix(bitsTag), let bytes = Data(base64Encoded: String(text.dropFirst(bitsTag.count))) {
      return (0..<Int64(bytes.count) * 8).compactMap { bit in
        let isSet = bytes[Int(bit / 8)] >> UInt8(bit % 8) & 1 == 1
        let (offset, isTooFar) = base.addingReportingOverflow(bit)
        return isSet && !isTooFar && offset < .max ? offset..<offset + 1 : nil
      }
    }
    guard text.hasPrefix(runsTag), let bytes = Data(base64Encoded: String(text.dropFirst(runsTag.count))) else { return [] }
    return bytes.withUnsafeBytes { bytes in
      var position = 0
      func number() -> Int64? { LEB128.read(bytes, at: &position).flatMap { Int64(exactly: $0) } }
      var ranges: [Range<Int64>] = []
      var end = base
      while let gap = number(), let length = number() {
        let (start, isTooFar) = end.addingReportingOverflow(gap)
        let (next, isTooLong) = start.addingReportingOverflow(length)
        if isTooFar || isTooLong { return [] }
        ranges.append(start..<next)
        end = next
      }
      return ranges
    }
  }
}
