import Foundation

/// Figures that histograms of scores yield: exact, but that scores of one bin count as equal.
enum ScoreFigures {
  /// The Kolmogorov–Smirnov distance: how far apart the cumulative shares are at most.
  static func distance(_ a: [Int64], _ b: [Int64]) -> Double {
    let (totalA, totalB) = (a.reduce(0, +), b.reduce(0, +))
    guard totalA > 0, totalB > 0 else { return 0 }
    var (sumA, sumB, largest) = (Int64(0), Int64(0), 0.0)
    for (countA, countB) in zip(a, b) {
      sumA += countA
      sumB += countB
      largest = max(largest, abs(Double(sumA) / Double(totalA) - Double(sumB) / Double(totalB)))
    }
    return largest
  }

  /// The share that smaller ones count as in the stability index, whose logarithm has no value for nothing.
  static let smallestShare = 1e-4

  /// The population stability index over at most ten buckets that hold a tenth of `a` each, as far as equal scores allow.
  static func stabilityIndex(_ a: [Int64], _ b: [Int64], buckets: Int = 10) -> Double {
    let (totalA, totalB) = (a.reduce(0, +), b.reduce(0, +))
    guard totalA > 0, totalB > 0 else { return 0 }
    var (index, cumulative, inA, inB) = (0.0, Int64(0), Int64(0), Int64(0))
    var full = 1
    for bin in a.indices {
      cumulative += a[bin]
      inA += a[bin]
      inB += b[bin]
      let isLast = bin == a.count - 1
      // A bucket ends behind the bin that fills it; the last one takes the rest.
      guard isLast || (full < buckets && cumulative * Int64(buckets) >= totalA * Int64(full)) else { continue }
      if inA > 0 || inB > 0 {
        let (shareA, shareB) = (max(Double(inA) / Double(totalA), smallestShare), max(Double(inB) / Double(totalB), smallestShare))
        index += (shareB - shareA) * log(shareB / shareA)
      }
      (inA, inB) = (0, 0)
      while full < buckets && cumulative * Int64(buckets) >= totalA * Int64(full) { full += 1 }
    }
    return index
  }

  /// The area under the ROC curve: the chance that a positive scores higher than a negative, with half for equal ones.
  /// nil without positives or negatives.
  static func area(positives: [Int64], negatives: [Int64]) -> Double? {
    let (p, n) = (positives.reduce(0, +), negatives.reduce(0, +))
    guard p > 0, n > 0 else { return nil }
    var (below, sum) = (Int64(0), 0.0)
    for (positive, negative) in zip(positives, negatives) {
      sum += Double(positive) * (Double(below) + Double(negative) / 2)
      below += negative
    }
    return sum / (Double(p) * Double(n))
  }

  /// The points of the ROC curve, from (0, 0) to (1, 1), thinned out to about `points`.
  static func curve(positives: [Int64], negatives: [Int64], points: Int) -> [(falseRate: Double, trueRate: Double)] {
    let (p, n) = (Double(positives.reduce(0, +)), Double(negatives.reduce(0, +)))
    guard p > 0, n > 0 else { return [] }
    var curve = [(0.0, 0.0)]
    var (hits, alarms) = (0.0, 0.0)
    for bin in positives.indices.reversed() where positives[bin] > 0 || negatives[bin] > 0 {
      hits += Double(positives[bin])
      alarms += Double(negatives[bin])
      let last = curve[curve.count - 1]
      let step = abs(alarms / n - last.0) + abs(hits / p - last.1)
      if step >= 2 / Double(points) { curve.append((alarms / n, hits / p)) }
    }
    curve.append((1, 1))
    return curve.map { (falseRate: $0.0, trueRate: $0.1) }
  }
}
