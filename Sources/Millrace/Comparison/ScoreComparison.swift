/// Figures over two models' scores of the same records, in constant memory. Pure; one thread, and the figures of several threads add up.
struct ScoreComparison: Sendable {
  /// The series of the histogram.
  enum Series: Int, CaseIterable {
    case a, b, positivesA, positivesB, negativesA, negativesB
  }

  /// How a model's decisions at the threshold agree with the labels.
  struct Decisions: Sendable {
    var truePositives: Int64 = 0
    var falsePositives: Int64 = 0
    var falseNegatives: Int64 = 0

    mutating func add(_ decision: Bool, label: Bool) {
      if decision && label { truePositives += 1 }
      if decision && !label { falsePositives += 1 }
      if !decision && label { falseNegatives += 1 }
    }

    mutating func merge(_ other: Decisions) {
      truePositives += other.truePositives
      falsePositives += other.falsePositives
      falseNegatives += other.falseNegatives
    }

    /// The share of those decided positive that is positive; nil where none was decided so.
    var precision: Double? { ratio(truePositives, truePositives + falsePositives) }
    /// The share of the positive ones that was found; nil where there is none.
    var recall: Double? { ratio(truePositives, truePositives + falseNegatives) }

    private func ratio(_ part: Int64, _ whole: Int64) -> Double? { whole == 0 ? nil : Double(part) / Double(whole) }
  }

  let threshold: Double
  private(set) var count: Int64 = 0
  /// How many records have the same decision with both models.
  private(set) var agreements: Int64 = 0
  /// How many records are below the threshold with the first model and at or above it with the second; and the other way.
  private(set) var flipsUp: Int64 = 0
  private(set) var flipsDown: Int64 = 0
  /// How many records have the same score with both models.
  private(set) var equal: Int64 = 0
  private(set) var sumA = 0.0
  private(set) var sumB = 0.0
  private(set) var sumOfDistances = 0.0
  /// The second score less the first, where that is furthest from zero.
  private(set) var largestDifference = 0.0
  private(set) var decisionsA = Decisions()
  private(set) var decisionsB = Decisions()
  private(set) var scores: ScoreGrid
  /// The histogram of the second score less the first.
  private(set) var differences: ScoreGrid

  /// - Parameter bins: of the scores' histogram, a power of two.
  init(threshold: Double, bins: Int) {
    self.threshold = threshold
    scores = ScoreGrid(bins: bins, series: Series.allCases.count)
    differences = ScoreGrid(bins: min(bins, 4096), series: 1)
  }

  /// Adds the two scores of a record.
  /// - Returns: whether the decision is another one.
  @discardableResult
  mutating func add(_ a: Double, _ b: Double, label: Bool?) -> Bool {
    count += 1
    sumA += a
    sumB += b
    let difference = b - a
    sumOfDistances += abs(difference)
    if abs(difference) > abs(largestDifference) { largestDifference = difference }
    if difference == 0 { equal += 1 }
    differences.add(difference, to: 0)
    scores.add(a, to: Series.a.rawValue)
    scores.add(b, to: Series.b.rawValue)
    let (decisionA, decisionB) = (a >= threshold, b >= threshold)
    if let label {
      scores.add(a, to: (label ? Series.positivesA : .negativesA).rawValue)
      scores.add(b, to: (label ? Series.positivesB : .negativesB).rawValue)
      decisionsA.add(decisionA, label: label)
      decisionsB.add(decisionB, label: label)
    }
    if decisionA == decisionB {
      agreements += 1
      return false
    }
    if decisionB { flipsUp += 1 } else { flipsDown += 1 }
    return true
  }

  mutating func merge(_ other: ScoreComparison) {
    count += other.count
    agreements += other.agreements
    flipsUp += other.flipsUp
    flipsDown += other.flipsDown
    equal += other.equal
    sumA += other.sumA
    sumB += other.sumB
    sumOfDistances += other.sumOfDistances
    if abs(other.largestDifference) > abs(largestDifference) { largestDifference = other.largestDifference }
    decisionsA.merge(other.decisionsA)
    decisionsB.merge(other.decisionsB)
    scores.merge(other.scores)
    differences.merge(other.differences)
  }

  var agreement: Double { share(agreements) }
  var meanA: Double { mean(sumA) }
  var meanB: Double { mean(sumB) }
  var meanDifference: Double { mean(sumB - sumA) }
  /// The mean of how far the second score lies from the first.
  var meanDistance: Double { mean(sumOfDistances) }
  var ksDistance: Double { ScoreFigures.distance(self[.a], self[.b]) }
  var psi: Double { ScoreFigures.stabilityIndex(self[.a], self[.b]) }
  var areaA: Double? { ScoreFigures.area(positives: self[.positivesA], negatives: self[.negativesA]) }
  var areaB: Double? { ScoreFigures.area(positives: self[.positivesB], negatives: self[.negativesB]) }
  var labelled: Int64 { scores.count(Series.positivesA.rawValue) + scores.count(Series.negativesA.rawValue) }
  var positives: Int64 { scores.count(Series.positivesA.rawValue) }

  subscript(_ series: Series) -> [Int64] { scores.series[series.rawValue] }

  private func share(_ part: Int64) -> Double { count == 0 ? 1 : Double(part) / Double(count) }
  private func mean(_ sum: Double) -> Double { count == 0 ? 0 : sum / Double(count) }
}
