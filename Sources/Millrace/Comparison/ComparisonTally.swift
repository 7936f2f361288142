/// Everything that a comparison has found so far: of all records, and of each segment. One thread; the tallies of several threads add up.
struct ComparisonTally: Sendable {
  struct Flip: Sendable {
    let topic: String
    let partition: Int32
    let offset: Int64
    let id: String
    let segment: String?
    let a: Double
    let b: Double
  }

  /// How many bins the histogram over all records has, and then one over a segment's.
  static let bins = 65_536
  static let segmentBins = 1024
  static let flipsMax = 1000
  /// How many segments are told apart; what comes after them counts together.
  static let segmentsMax = 100
  static let otherSegments = "(other)"

  let threshold: Double
  private(set) var all: ScoreComparison
  private(set) var segments: [String: ScoreComparison] = [:]
  private(set) var flips: [Flip] = []
  var consumed: Int64 = 0
  /// Records that no lane of the comparison takes, or that the filter leaves out.
  var skipped: Int64 = 0
  /// Records that only one model has a score for, and those that neither has.
  var onlyA: Int64 = 0
  var onlyB: Int64 = 0
  var neither: Int64 = 0
  /// Time spent in each model, and the rows that it took.
  var nanosecondsA: Int64 = 0
  var nanosecondsB: Int64 = 0
  var rows: Int64 = 0

  init(threshold: Double) {
    self.threshold = threshold
    all = ScoreComparison(threshold: threshold, bins: Self.bins)
  }

  mutating func add(_ a: Double, _ b: Double, label: Bool?, segment: String?, flip: () -> Flip) {
    let isFlip = all.add(a, b, label: label)
    if isFlip && flips.count < Self.flipsMax { flips.append(flip()) }
    guard let segment else { return }
    let name = segments[segment] != nil || segments.count < Self.segmentsMax ? segment : Self.otherSegments
    segments[name, default: ScoreComparison(threshold: threshold, bins: Self.segmentBins)].add(a, b, label: label)
  }

  mutating func merge(_ other: ComparisonTally) {
    all.merge(other.all)
    for (name, segment) in other.segments.sorted(by: { $0.key < $1.key }) {
      let name = segments[name] != nil || segments.count < Self.segmentsMax ? name : Self.otherSegments
      segments[name, default: ScoreComparison(threshold: threshold, bins: Self.segmentBins)].merge(segment)
    }
    flips = Array(
      (flips + other.flips).sorted { ($0.topic, $0.partition, $0.offset) < ($1.topic, $1.partition, $1.offset) }
        .prefix(Self.flipsMax))
    consumed += other.consumed
    skipped += other.skipped
    onlyA += other.onlyA
    onlyB += other.onlyB
    neither += other.neither
    nanosecondsA += other.nanosecondsA
    nanosecondsB += other.nanosecondsB
    rows += other.rows
  }
}
