/// Learns which batch size is cheapest per row, and whether waiting for more rows is worth it. Pure: no clock, no chance.
///
/// The size in use is the smallest that is as cheap per row as any, within a tolerance: a larger one would only make records wait. What
/// is not known yet, or not any more, is tried: at the start sizes grow while rows get cheaper, and later a neighbouring size
/// is tried now and then.
struct BatchSizing {
  let maxRows: Int
  /// The longest that one batch may keep the processor from an urgent lane; nil: as long as it likes.
  let maxBusy: Duration?
  private(set) var cost: BatchCost
  /// Rows at which the next batch is closed.
  private(set) var limit: Int
  private var best: Int
  private let sizes: [Int]
  /// Rows, and the nanoseconds in which they came: late ones count more.
  private var arrivedRows = 0.0
  private var arrivedNanoseconds = 0.0

  /// A size is as cheap as another if its rows cost at most so much more.
  static let tolerance = 0.04
  /// The first size that is tried, and what the next one is of the last.
  private static let firstRows = 8
  private static let growth = 4
  /// Every so many batches, one of a neighbouring size.
  private static let probeInterval = 64
  private static let arrivalDecay = 0.9

  init(maxRows: Int, maxBusy: Duration? = nil) {
    self.maxRows = maxRows
    self.maxBusy = maxBusy
    cost = BatchCost(maxRows: maxRows)
    var sizes = sequence(first: 1) { $0 * 2 }.prefix { $0 < maxRows }.map { $0 }
    sizes.append(maxRows)
    self.sizes = sizes
    best = min(Self.firstRows, maxRows)
    limit = best
  }

  /// A batch was scored and published.
  /// - Parameters:
  ///   - busy: how long that took.
  ///   - elapsed: since the batch before; at most what a batch may wait counts, or one quiet night would hide the day's traffic.
  mutating func learn(rows: Int, busy: Duration, elapsed: Duration, maxDelay: Duration) {
    cost.add(rows: rows, nanoseconds: busy.nanoseconds)
    let counted = min(elapsed.nanoseconds, (maxDelay.nanoseconds + busy.nanoseconds) &* 2)
    arrivedRows = arrivedRows * Self.arrivalDecay + Double(rows)
    arrivedNanoseconds = arrivedNanoseconds * Self.arrivalDecay + Double(max(1, counted))
    best = cheapest()
    limit = cost.batches.isMultiple(of: Self.probeInterval) ? neighbour(of: best) : best
  }

  /// Whether rows get cheaper enough by waiting this long for more of them.
  func gainsByWaiting(rows: Int, for remaining: Duration) -> Bool {
    guard arrivedNanoseconds > 0 else { return true }
    let coming = arrivedRows / arrivedNanoseconds * Double(max(0, remaining.nanoseconds))
    let expected = min(limit, rows + Int(min(coming, 1e9)))
    guard expected > rows else { return false }
    guard let now = cost.nanosecondsPerRow(forRows: rows), let then = cost.nanosecondsPerRow(forRows: expected) else { return true }
    return then < now * (1 - Self.tolerance)
  }

  private func cheapest() -> Int {
    var known: [(rows: Int, perRow: Double)] = []
    for rows in sizes {
      guard let time = cost.nanoseconds(forRows: rows) else { continue }
      if let maxBusy, rows > 1, time > Double(maxBusy.nanoseconds) { break }
      known.append((rows, time / Double(rows)))
    }
    guard let least = known.map(\.perRow).min() else { return min(Self.firstRows, maxRows) }
    // One class says nothing about the others.
    if cost.knownClasses == 1, let rows = known.last?.rows {
      return rows < maxRows ? min(rows * Self.growth, maxRows) : max(1, maxRows / Self.growth)
    }
    let choice = known.first { $0.perRow <= least * (1 + Self.tolerance) }?.rows ?? best
    // A size far beyond those that were tried is a guess: go there in steps.
    let tried = sizes.last { cost.age(ofRows: $0) != nil } ?? choice
    return min(choice, tried * Self.growth)
  }

  /// Alternates between the size above and the one below.
  private func neighbour(of rows: Int) -> Int {
    let isAbove = (cost.batches / Self.probeInterval).isMultiple(of: 2)
    let place = sizes.lastIndex { $0 <= rows } ?? 0
    return sizes[max(0, min(sizes.count - 1, place + (isAbove ? 1 : -1)))]
  }
}
