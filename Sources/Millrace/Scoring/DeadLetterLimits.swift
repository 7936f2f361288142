/// When a lane's dead letters are so many that something must be wrong with more than some records. Pure; one worker's.
///
/// In a row they are counted for each stage, because records are decoded before the ones before them are scored. The share is that of the
/// worker's last records whose fate is known: each counts once, when it becomes a prediction or a dead letter.
struct DeadLetterLimits {
  /// Records by which a share is measured.
  static let window = 1_000

  /// Dead letters in a row that stop the lane; nil: however many.
  let maxConsecutive: Int?
  /// The share of dead letters among the last `window` records that stops it, 0 to 1; nil: whatever share.
  let maxRatio: Double?
  private var consecutive: [FailureStage: Int] = [:]
  /// Whether each of the last records became a dead letter: a ring. Empty unless there is a share to watch.
  private var outcomes: [Bool]
  private var place = 0
  private var deadLetters = 0

  init(maxConsecutive: Int?, maxRatio: Double?) {
    self.maxConsecutive = maxConsecutive
    self.maxRatio = maxRatio
    outcomes = maxRatio == nil ? [] : Array(repeating: false, count: Self.window)
  }

  var isOn: Bool { maxConsecutive != nil || maxRatio != nil }

  /// A record passed the stage. The last one is `score`.
  mutating func passed(_ stage: FailureStage) {
    if consecutive[stage] != nil { consecutive[stage] = nil }
    if stage == .score { note(false) }
  }

  /// A record became a dead letter.
  /// - Returns: the limit that is reached, in words.
  mutating func failed(_ stage: FailureStage) -> String? {
    let count = consecutive[stage, default: 0] + 1
    consecutive[stage] = count
    note(true)
    if let maxConsecutive, count >= maxConsecutive { return "\(count) records in a row became dead letters (max_consecutive)" }
    if let maxRatio, Double(deadLetters) >= maxRatio * Double(Self.window) {
      return "\(deadLetters) of the last \(Self.window) records became dead letters (max_ratio \(maxRatio))"
    }
    return nil
  }

  private mutating func note(_ isDeadLetter: Bool) {
    if outcomes.isEmpty { return }
    deadLetters += (isDeadLetter ? 1 : 0) - (outcomes[place] ? 1 : 0)
    outcomes[place] = isDeadLetter
    place = (place + 1) % Self.window
  }
}
