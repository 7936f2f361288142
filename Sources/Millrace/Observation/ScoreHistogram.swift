import ModelRuntime

/// Counts a model's scores in bins of equal width from 0 to 1, with one bin below and one above: enough to see a model drift.
///
/// One thread records; any thread may read at any time.
final class ScoreHistogram: Sendable {
  /// Upper bounds of the bins but the last, which has none. The first bin holds what is below 0.
  static let bounds: [Double] = (0...20).map { Double($0) / 20 }
  private let counts = Slots(count: bounds.count + 1)
  /// In millionths.
  private let total = Slots(count: 1)

  /// Only from the one thread that owns the histogram. NaN is not counted.
  @inline(__always)
  func record(_ score: Double) {
    if score.isNaN { return }
    counts.add(1, at: Self.bin(of: score))
    total.add(Int64(min(max(score, -1e6), 1e6) * 1e6), at: 0)
  }

  /// Counts a column of the first rows of an output.
  func record(_ tensor: OutputTensor, column: Int, rows: Int) {
    guard column < tensor.elementsPerRow else { return }
    for row in 0..<rows {
      switch tensor.elementType {
      case .float32: record(Double(tensor.float(row, column)))
      case .float64: record(tensor.double(row, column))
      default: record(Double(tensor.integer(row, column) ?? 0))
      }
    }
  }

  /// Bounds belong to the bin below them, as Prometheus's `le` has it.
  @inline(__always)
  static func bin(of score: Double) -> Int {
    if score < 0 { return 0 }
    if score > 1 { return bounds.count }
    // Rounding may put a score that is a bound on its wrong side.
    let bin = min(Int((score * 20).rounded(.up)), 20)
    return score > bounds[bin] ? bin + 1 : bin
  }

  func snapshot() -> ScoreSnapshot {
    ScoreSnapshot(counts: (0...Self.bounds.count).map { counts.load($0) }, sum: Double(total.load(0)) / 1e6)
  }
}

/// What a score histogram held at one moment. Snapshots of several workers add up.
public struct ScoreSnapshot: Sendable {
  /// Upper bounds of the bins, one fewer than `counts`: the last has none.
  public static var bounds: [Double] { ScoreHistogram.bounds }
  /// How many scores each bin holds.
  public private(set) var counts = [Int64](repeating: 0, count: ScoreHistogram.bounds.count + 1)
  /// The sum of the scores; those beyond a million on either side count as that.
  public private(set) var sum = 0.0

  init() {}

  init(counts: [Int64], sum: Double) {
    self.counts = counts
    self.sum = sum
  }

  mutating func add(_ other: ScoreSnapshot) {
    for index in counts.indices { counts[index] += other.counts[index] }
    sum += other.sum
  }
}
