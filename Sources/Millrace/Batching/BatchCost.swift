/// What batches of each size have cost, as far as a worker has seen: what it needs to know which size is cheapest per row.
///
/// Sizes fall into classes, one to each power of two. A class remembers the mean size and the mean time of its batches, where
/// late ones count more than early ones; between classes the time is taken to grow in a straight line, and beyond the largest one as it
/// grew up to there. So a fixed part shows as a line that doesn't begin at zero, and a model that slows down beyond some size as a
/// bend. Pure; times are nanoseconds.
struct BatchCost {
  private struct SizeClass {
    var weight = 0.0
    var rows = 0.0
    var nanoseconds = 0.0
    /// The batch, counted over all classes, that was added last.
    var lastBatch = 0

    var meanRows: Double { rows / weight }
    var meanNanoseconds: Double { nanoseconds / weight }
  }

  /// What a class's earlier batches count when one is added: the last dozen or so decide. Those of long ago count less still, so
  /// that a size which is only tried now and then follows a change as well.
  private static let decay = 0.92
  private static let oldDecay = 0.5
  /// A class that had no batch for so many is forgotten: the model, or the machine, may be another by now.
  private static let memory = 4_096
  /// One batch may be so many times dearer than its class. More was some other program's time.
  private static let outlier = 3.0

  private var classes: [SizeClass]
  private(set) var batches = 0

  init(maxRows: Int) { classes = Array(repeating: SizeClass(), count: Self.index(of: maxRows) + 1) }

  private static func index(of rows: Int) -> Int { Int.bitWidth - 1 - max(1, rows).leadingZeroBitCount }

  mutating func add(rows: Int, nanoseconds: Int64) {
    guard rows > 0, nanoseconds > 0 else { return }
    batches += 1
    let index = min(Self.index(of: rows), classes.count - 1)
    var (size, time) = (classes[index], Double(nanoseconds))
    if batches - size.lastBatch > Self.memory { size = SizeClass() }
    if size.weight > 1 { time = min(time, Self.outlier * size.nanoseconds / size.rows * Double(rows)) }
    let decay = batches - size.lastBatch > 16 ? Self.oldDecay : Self.decay
    size.weight = size.weight * decay + 1
    size.rows = size.rows * decay + Double(rows)
    size.nanoseconds = size.nanoseconds * decay + time
    size.lastBatch = batches
    classes[index] = size
  }

  /// How many batches ago one of about this size was added; nil if that is forgotten.
  func age(ofRows rows: Int) -> Int? {
    let size = classes[min(Self.index(of: rows), classes.count - 1)]
    return isKnown(size) ? batches - size.lastBatch : nil
  }

  var knownClasses: Int { classes.count(where: isKnown) }

  private func isKnown(_ size: SizeClass) -> Bool { size.weight > 0 && batches - size.lastBatch <= Self.memory }

  /// The expected time of a batch; nil as long as batches of only one class are known, and this is none of it.
  func nanoseconds(forRows rows: Int) -> Double? {
    let wanted = Double(rows)
    var (below, above): (SizeClass?, SizeClass?)
    var (beforeBelow, afterAbove): (SizeClass?, SizeClass?)
    for size in classes where isKnown(size) {
      if size.meanRows <= wanted {
        (beforeBelow, below) = (below, size)
      } else if above == nil {
        above = size
      } else if afterAbove == nil {
        afterAbove = size
      }
    }
    switch (below, above) {
    case (let below?, let above?): return Self.line(through: below, above, at: wanted)
    case (let below?, nil):
      if let beforeBelow { return Self.line(through: beforeBelow, below, at: wanted) }
      return Self.index(of: rows) == Self.index(of: Int(below.meanRows)) ? below.meanNanoseconds / below.meanRows * wanted : nil
    case (nil, let above?):
      if let afterAbove { return Self.line(through: above, afterAbove, at: wanted) }
      return Self.index(of: rows) == Self.index(of: Int(above.meanRows)) ? above.meanNanoseconds / above.meanRows * wanted : nil
    case (nil, nil): return nil
    }
  }

  func nanosecondsPerRow(forRows rows: Int) -> Double? { nanoseconds(forRows: rows).map { $0 / Double(rows) } }

  /// A larger batch is never taken to be faster as a whole, nor a smaller one to be free.
  private static func line(through lower: SizeClass, _ upper: SizeClass, at rows: Double) -> Double {
    let slope = max(0, (upper.meanNanoseconds - lower.meanNanoseconds) / max(1e-9, upper.meanRows - lower.meanRows))
    if rows >= upper.meanRows { return upper.meanNanoseconds + slope * (rows - upper.meanRows) }
    // Below, a straight line may reach zero before there are no rows; a share of the lower one is the least.
    return max(lower.meanNanoseconds + slope * (rows - lower.meanRows), lower.meanNanoseconds * min(1, rows / lower.meanRows) * 0.5)
  }
}
