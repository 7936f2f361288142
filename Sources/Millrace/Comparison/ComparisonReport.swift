import ModelRuntime

/// The figures that a comparison found: printed as JSON, drawn by `ComparisonPage`.
package struct ComparisonReport: Encodable, Sendable {
  package struct Model: Encodable, Sendable {
    package let name, version, output: String
    package let mean: Double
    /// What the model took for a row, in microseconds.
    package let microsecondsPerRow: Double
    /// Figures against labels; nil without labels, and where nothing can be said.
    package let auc, precision, recall: Double?
  }

  package struct Segment: Encodable, Sendable {
    package let name: String
    package let records, flipsUp, flipsDown: Int64
    package let agreement, meanA, meanB, meanDifference, psi, ksDistance: Double
    package let aucA, aucB: Double?
  }

  package struct Flip: Encodable, Sendable {
    package let source, id: String
    package let segment: String?
    package let a, b: Double
  }

  /// How often each model gave which score, in bars over the range of the scores.
  package struct Distribution: Encodable, Sendable {
    package let from, to: Double
    package let a, b: [Int64]
  }

  package struct Differences: Encodable, Sendable {
    package let from, to: Double
    package let counts: [Int64]
  }

  package struct RangeText: Encodable, Sendable {
    package let from, to: String
    package let topics: [String]
    package let filter: String?
    package let lanes: [String]
  }

  package let name: String
  package let range: RangeText
  package let finished: Bool
  package let a, b: Model
  package let threshold: Double
  /// How many records both models scored, only one did, and neither did.
  package let compared, onlyA, onlyB, neither: Int64
  package let agreement: Double
  package let flipsUp, flipsDown, equal: Int64
  package let meanDifference, meanAbsoluteDifference, largestDifference: Double
  package let psi, ksDistance: Double
  /// Scores closer than this may count as equal in `psi`, `ks_distance` and `auc`.
  package let resolution: Double
  package let labelled, positives: Int64
  package let distribution: Distribution
  package let differences: Differences
  package let segments: [Segment]
  /// The first thousand records whose decision is another.
  package let flips: [Flip]
  let by, label: String?
  let rocA, rocB: [(falseRate: Double, trueRate: Double)]
  let run: RunReport

  static let bars = 64

  init(_ comparison: Comparison, _ tally: ComparisonTally, duration: Duration) {
    let (setup, options, all) = (comparison.setup, comparison.setup.options, tally.all)
    let settings = comparison.settings
    name = settings.name
    range = RangeText(
      from: settings.from.text, to: settings.to.text, topics: setup.lanesA[0].topics, filter: settings.filter,
      lanes: setup.lanesA.map(\.name))
    finished = comparison.session.shares.values.allSatisfy(\.isDone)
    threshold = options.threshold
    (by, label) = (options.by, options.label)
    let outputs = try? ScoreOutput.pair(setup.lanesA[0], setup.lanesB[0], named: options.score)
    func model(
      _ lanes: [Lane], _ output: ScoreOutput?, _ mean: Double, _ nanoseconds: Int64, _ area: Double?,
      _ decisions: ScoreComparison.Decisions
    ) -> Model {
      func joined(_ texts: [String]) -> String { texts.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }.joined(separator: ", ") }
      return Model(
        name: joined(lanes.map(\.model.name)), version: joined(lanes.map(\.model.version)), output: output?.name ?? "", mean: mean,
        microsecondsPerRow: tally.rows == 0 ? 0 : Double(nanoseconds) / Double(tally.rows) / 1000, auc: area,
        precision: options.label == nil ? nil : decisions.precision, recall: options.label == nil ? nil : decisions.recall)
    }
    a = model(setup.lanesA, outputs?.a, all.meanA, tally.nanosecondsA, all.areaA, all.decisionsA)
    b = model(setup.lanesB, outputs?.b, all.meanB, tally.nanosecondsB, all.areaB, all.decisionsB)
    compared = all.count
    (onlyA, onlyB, neither) = (tally.onlyA, tally.onlyB, tally.neither)
    agreement = all.agreement
    (flipsUp, flipsDown, equal) = (all.flipsUp, all.flipsDown, all.equal)
    (meanDifference, meanAbsoluteDifference, largestDifference) = (all.meanDifference, all.meanDistance, all.largestDifference)
    (psi, ksDistance) = (all.psi, all.ksDistance)
    resolution = all.scores.binWidth
    (labelled, positives) = (all.labelled, all.positives)
    let scores = all.scores.bars([ScoreComparison.Series.a.rawValue, ScoreComparison.Series.b.rawValue], count: Self.bars)
    distribution = Distribution(from: scores.from, to: scores.to, a: scores.counts[0], b: scores.counts[1])
    let changes = all.differences.bars([0], count: Self.bars, isCentred: true)
    differences = Differences(from: changes.from, to: changes.to, counts: changes.counts[0])
    rocA = ScoreFigures.curve(positives: all[.positivesA], negatives: all[.negativesA], points: 200)
    rocB = ScoreFigures.curve(positives: all[.positivesB], negatives: all[.negativesB], points: 200)
    segments = tally.segments.sorted { ($1.value.count, $0.key) < ($0.value.count, $1.key) }.map { name, segment in
      Segment(
        name: name, records: segment.count, flipsUp: segment.flipsUp, flipsDown: segment.flipsDown, agreement: segment.agreement,
        meanA: segment.meanA, meanB: segment.meanB, meanDifference: segment.meanDifference, psi: segment.psi,
        ksDistance: segment.ksDistance, aucA: segment.areaA, aucB: segment.areaB)
    }
    flips = tally.flips.map { Flip(source: "\($0.topic)/\($0.partition)/\($0.offset)", id: $0.id, segment: $0.segment, a: $0.a, b: $0.b) }
    run = RunReport(duration: duration, consumed: Int(tally.consumed), skipped: Int(tally.skipped), lanes: [:])
  }

  enum CodingKeys: String, CodingKey {
    case name, range, finished, a, b, threshold, compared, onlyA, onlyB, neither, agreement, flipsUp, flipsDown, equal, meanDifference
    case meanAbsoluteDifference, largestDifference, psi, ksDistance, resolution, labelled, positives, distribution, differences, segments
    case flips
  }
}

/// The report with the keys that every run's report has.
package struct ComparisonRunReport: Encodable, Sendable {
  package let comparison: ComparisonReport

  package init(_ comparison: ComparisonReport) { self.comparison = comparison }

  package func encode(to encoder: any Encoder) throws {
    try comparison.run.encode(to: encoder)
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(comparison, forKey: .comparison)
  }

  private enum Key: String, CodingKey {
    case comparison
  }
}

extension ScoreGrid {
  /// The part of the grid that holds anything, in wide bars for people to look at.
  /// - Parameter isCentred: as far to the left of zero as to the right, where there are negative numbers.
  func bars(_ wanted: [Int], count: Int, isCentred: Bool = false) -> (from: Double, to: Double, counts: [[Int64]]) {
    let used = (0..<bins).filter { bin in wanted.contains { series[$0][bin] > 0 } }
    guard var first = used.first, var last = used.last else {
      return (0, 1, wanted.map { _ in [Int64](repeating: 0, count: count) })
    }
    if isSigned && isCentred {
      let half = max(bins / 2 - first, last + 1 - bins / 2)
      let bar = (half + count / 2 - 1) / (count / 2)
      (first, last) = (bins / 2 - bar * (count / 2), bins / 2 + bar * (count / 2) - 1)
    }
    // Whole bars of whole bins; a grid from 0 to 1 of which most is used is shown as it is.
    let isWhole = !isSigned && reach == 1 && last >= bins / 2
    let width = isWhole ? bins / count : max(1, (last - first + count) / count)
    let start = isWhole ? 0 : first
    let bars = wanted.map { source in
      (0..<count).map { bar in
        let begin = min(bins, max(0, start + bar * width))
        let end = min(bins, max(0, start + (bar + 1) * width))
        return series[source][begin..<end].reduce(0, +)
      }
    }
    return (edge(start), edge(start + count * width), bars)
  }
}
