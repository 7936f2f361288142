/// Histograms of several series of numbers over the same bins, in constant memory.
///
/// The grid begins at 0…1 and doubles when a number lies outside; a negative one makes it reach as far below zero. So a number's bin is at
/// most 1/`bins` of the grid's span wide, and histograms of several threads can be brought to one grid and added.
struct ScoreGrid: Sendable {
  let bins: Int
  private(set) var series: [[Int64]]
  /// The grid's upper end, a power of two.
  private(set) var reach = 1.0
  /// Whether it begins at `-reach` and not at 0.
  private(set) var isSigned = false

  /// - Parameter bins: a power of two.
  init(bins: Int, series: Int) {
    precondition(bins >= 4 && bins & (bins - 1) == 0)
    self.bins = bins
    self.series = Array(repeating: Array(repeating: 0, count: bins), count: series)
  }

  /// The largest number that is told apart: the grid must not reach infinity.
  private static let largest = 0x1p1000

  var lower: Double { isSigned ? -reach : 0 }
  var binWidth: Double { (reach - lower) / Double(bins) }

  /// The number at which a bin begins.
  func edge(_ bin: Int) -> Double { lower + Double(bin) * binWidth }

  /// Counts a number in a series.
  /// - Parameter value: finite.
  mutating func add(_ value: Double, to target: Int) {
    let value = min(max(value, -Self.largest), Self.largest)
    cover(value)
    series[target][bin(of: value)] += 1
  }

  /// The bin of a number. The upper end belongs to the last one.
  func bin(of value: Double) -> Int { min(bins - 1, max(0, Int((value - lower) / binWidth))) }

  func count(_ source: Int) -> Int64 { series[source].reduce(0, +) }

  mutating func merge(_ other: ScoreGrid) {
    var other = other
    if other.isSigned { sign() }
    if isSigned { other.sign() }
    while reach < other.reach { double() }
    while other.reach < reach { other.double() }
    for index in series.indices {
      for bin in 0..<bins { series[index][bin] += other.series[index][bin] }
    }
  }

  private mutating func cover(_ value: Double) {
    if value < 0 { sign() }
    while abs(value) > reach { double() }
  }

  private mutating func sign() {
    if isSigned { return }
    isSigned = true
    let half = bins / 2
    move { half + $0 / 2 }
  }

  private mutating func double() {
    reach *= 2
    let offset = isSigned ? bins / 4 : 0
    move { offset + $0 / 2 }
  }

  private mutating func move(_ place: (Int) -> Int) {
    for index in series.indices {
      var moved = [Int64](repeating: 0, count: bins)
      for bin in 0..<bins { moved[place(bin)] += series[index][bin] }
      series[index] = moved
    }
  }
}
