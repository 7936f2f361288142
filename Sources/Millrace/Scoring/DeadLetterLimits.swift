/// When a lane's dead letters are so many that something must be wrong with more than some records. Pure; one worker's.
///
/// Counted for each stage, because records are decoded before the ones before them are scored.
struct DeadLetterLimits {
  /// Records by which a share is measured.
  static let window = 1_000

  /// Dead letters in a row that stop the lane; nil: however many.
  let maxConsecutive: Int?
  /// The share of dead letters in a window of records that stops it, 0 to 1; nil: whatever share.
  let maxRatio: Double?
  private var consecutive: [FailureStage: Int] = [:]
  private var records = 0
  private var deadLetters = 0

  init(maxConsecutive: Int?, maxRatio: Double?) {
    self.maxConsecutive = maxConsecutive
    self.maxRatio = maxRatio
  }

  var isOn: Bool { maxConsecutive != nil || maxRatio != nil }

  /// A record passed the stage.
  mutating func passed(_ stage: FailureStage) {
    if consecutive[stage] != nil { consecutive[stage] = nil }
  }

  /// A record of the lane was taken.
  mutating func took() {
    records += 1
    if records > Self.window { (records, deadLetters) = (1, 0) }
  }

  /// A record became a dead letter.
  /// - Returns: the limit that is reached, in words.
  mutating func failed(_ stage: FailureStage) -> String? {
    let count = consecutive[stage, default: 0] + 1
    consecutive[stage] = count
    deadLetters += 1
    if let maxConsecutive, count >= maxConsecutive { return "\(count) records in a row became dead letters (max_consecutive)" }
    if let maxRatio, records > 0, Double(deadLetters) > maxRatio * Double(Self.window) {
      return "\(deadLetters) of \(records) records became dead letters (max_ratio \(maxRatio) of \(Self.window))"
    }
    return nil
  }
}
