import ModelRuntime
import Testing

@testable import Millrace

/// One bad row must not spoil the others, and finding it must stay cheap.
@Suite struct ScorerTests {
  @Test func aGoodBatchIsOneRun() throws {
    let trial = try Trial(rows: 64, poisoned: [])
    #expect(trial.scored == Array(0..<64))
    #expect(trial.rejected.isEmpty)
    #expect(trial.runs == 1)
  }

  @Test(arguments: [1, 2, 3, 7, 64, 100], [0.0, 0.5, 1.0])
  func oneBadRowIsFoundWhereverItStands(rows: Int, place: Double) throws {
    let bad = Int(Double(rows - 1) * place)
    let trial = try Trial(rows: rows, poisoned: [bad])
    #expect(trial.rejected == [bad])
    #expect(trial.scored == (0..<rows).filter { $0 != bad })
    #expect(trial.runs <= 1 + 2 * Trial.levels(rows))
  }

  @Test(arguments: UInt64(1)...30)
  func everyGoodRowIsScoredOnceAndEveryBadOneRejectedOnce(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let rows = Int.random(in: 1...300, using: &random)
    let poisoned = Set((0..<Int.random(in: 0...10, using: &random)).map { _ in Int.random(in: 0..<rows, using: &random) })
    let trial = try Trial(rows: rows, poisoned: poisoned)
    #expect(trial.scored == (0..<rows).filter { !poisoned.contains($0) }, "seed \(seed)")
    #expect(trial.rejected == poisoned.sorted(), "seed \(seed)")
    #expect(trial.runs <= min(2 * rows - 1, 1 + 2 * poisoned.count * Trial.levels(rows)), "seed \(seed)")
  }

  @Test func aBatchOfBadRowsOnlyIsRejectedRowByRow() throws {
    let trial = try Trial(rows: 33, poisoned: Set(0..<33))
    #expect(trial.scored.isEmpty)
    #expect(trial.rejected == Array(0..<33))
    #expect(trial.runs == 65)
  }

  @Test func noRowsAreNoRun() throws {
    let trial = try Trial(rows: 0, poisoned: [])
    #expect(trial.runs == 0)
  }

  @Test func aFaultThatMayPassIsTriedAgainAndNotHalved() throws {
    let model = PoisonedModel(poisoned: [])
    let policy = RetryPolicy(interval: .seconds(1), factor: 2, cap: .seconds(60), jitter: 0, maxAttempts: 3)
    for (failures, pauses) in [(0, []), (1, [1]), (2, [1, 2]), (3, [1, 2])] as [(Int, [Int64])] {
      var waited: [Int64] = []
      model.passingFaults = failures
      let attempts = Attempts(retry: policy) { time in
        waited.append(time.components.seconds)
        return true
      }
      let scorer = try Scorer(model, inputs: model.signature.inputs, outputs: [0], capacity: 8, attempts: attempts)
      var (scored, unanswered): ([Range<Int>], [String]) = ([], [])
      try scorer.score(
        0..<8, scored: { _, range in scored.append(range) }, rejected: { row, _ in Issue.record("row \(row) is rejected") },
        unanswered: { rows, why in unanswered.append("\(rows) \(why.reason) \(why.error)") })
      #expect(waited == pauses)
      #expect(scored == (failures < 3 ? [0..<8] : []))
      #expect(unanswered == (failures < 3 ? [] : ["0..<8 usedUp(attempts: 3) the model is away"]))
    }
  }

  /// Halving would come to pairs of rows, which look like the two labels that come first here.
  @Test func anOutputThatDoesNotHaveItsRowsFirstEndsTheScoringAndIsNeverSeen() throws {
    let model = try ONNXModel(path: DryRunFixture.path("rows_labels_first"), name: "forest")
    let probabilities = try #require(model.signature.outputIndex(named: "probabilities"))
    for rows in [1, 2, 3, 16] {
      let scorer = try Scorer(model, inputs: model.signature.inputs, outputs: [probabilities], capacity: rows)
      let fault = try fault(of: scorer, rows: rows, isSeen: rows == 2)
      if rows == 2 { continue }
      #expect(fault?.kind == .output(probabilities))
      #expect(fault?.message.contains("output 'probabilities' came back as float32[2, \(rows), 2] for \(rows) row") == true, "\(rows)")
    }
  }

  @Test func aTensorThatSeveralMembersComeFromIsAskedForOnce() throws {
    let model = try ONNXModel(path: DryRunFixture.path("matrix"), name: "matrix")
    let scorer = try Scorer(model, inputs: model.signature.inputs, outputs: [1, 0, 1, 1], capacity: 2)
    var columns: [Int] = []
    try scorer.score(
      0..<2, scored: { session, _ in columns = [0, 1].map { session.output($0).elementsPerRow } },
      rejected: { row, error in Issue.record("row \(row): \(error)") },
      unanswered: { rows, _ in Issue.record("rows \(rows) are unanswered") })
    #expect(columns == [1, 3])
    let own = PoisonedModel(poisoned: [])
    _ = try Scorer(own, inputs: own.signature.inputs, outputs: [0, 0], capacity: 1)
    #expect(own.asked == [0])
  }

  @Test func anOwnModelsOutputWithAnotherNumberOfRowsEndsTheScoringAndIsNeverSeen() throws {
    let model = PoisonedModel(poisoned: [], surplus: 1)
    let scorer = try Scorer(model, inputs: model.signature.inputs, outputs: [0], capacity: 8)
    let fault = try #require(try fault(of: scorer, rows: 8, isSeen: false))
    #expect(fault.kind == .output(0))
    #expect(fault.message == "model 'poisoned' failed: output 'y' came back with 9 rows for 8: it must have one for each row of the run")
  }

  /// Why scoring ends; nil if it doesn't.
  private func fault(of scorer: Scorer, rows: Int, isSeen: Bool) throws -> ModelError? {
    do {
      try scorer.score(
        0..<rows, scored: { _, range in if !isSeen { Issue.record("rows \(range) are scored") } },
        rejected: { row, _ in Issue.record("row \(row) is rejected") },
        unanswered: { rows, _ in Issue.record("rows \(rows) are unanswered") })
      return nil
    } catch let fault as ModelError {
      return fault
    }
  }

  @Test func aFaultOfTheCallerEndsTheScoringAtOnce() throws {
    let model = PoisonedModel(poisoned: [0])
    let scorer = try Scorer(model, inputs: model.signature.inputs, outputs: [0], capacity: 8)
    var rejected: [Int] = []
    #expect(throws: CallerFault.self) {
      try scorer.score(
        0..<8, scored: { _, _ in throw CallerFault() }, rejected: { row, _ in rejected.append(row) }, unanswered: { _, _ in })
    }
    #expect(rejected == [0])
  }
}

private struct CallerFault: Error {}

/// What came of scoring some rows.
private struct Trial {
  /// In the order of the calls, which is that of the rows.
  var scored: [Int] = []
  var rejected: [Int] = []
  var runs = 0

  init(rows: Int, poisoned: Set<Int>) throws {
    let model = PoisonedModel(poisoned: poisoned)
    let scorer = try Scorer(model, inputs: model.signature.inputs, outputs: [0], capacity: max(1, rows))
    var (scored, rejected): ([Int], [Int]) = ([], [])
    var runs = 0
    try scorer.score(
      0..<rows,
      scored: { session, range in
        let session = try #require(session as? PoisonedSession)
        #expect(session.lastRun == range, "the outputs must be those of these rows")
        runs = session.runs
        scored += range
      },
      rejected: { row, error in
        #expect(error.message == "row \(row) is poisoned")
        rejected.append(row)
      }, unanswered: { rows, _ in Issue.record("rows \(rows) are unanswered") })
    self.scored = scored
    self.rejected = rejected
    self.runs = max(runs, model.session?.runs ?? 0)
  }

  /// How often so many rows can be halved.
  static func levels(_ rows: Int) -> Int { rows <= 1 ? 0 : Int.bitWidth - (rows - 1).leadingZeroBitCount }
}

/// A model that rejects every run with one of its poisoned rows.
///
/// @unchecked: a test uses it on its own thread only.
private final class PoisonedModel: Model, @unchecked Sendable {
  let name = "poisoned"
  let version = "1"
  let signature = ModelSignature(
    inputs: [TensorSpec(name: "x", elementType: .float32, shape: [nil, 1])],
    outputs: [TensorSpec(name: "y", elementType: .float32, shape: [nil, 1])])
  private let poisoned: Set<Int>
  /// So many runs of the next session fail with a fault that may pass.
  var passingFaults = 0
  /// So many rows more than a run has.
  private let surplus: Int
  private(set) var session: PoisonedSession?
  private(set) var asked: [Int] = []

  init(poisoned: Set<Int>, surplus: Int = 0) { (self.poisoned, self.surplus) = (poisoned, surplus) }

  func makeSession(inputs: InputTensors, outputs: [Int]) throws(ModelError) -> any ModelSession {
    let session = PoisonedSession(inputs: inputs, poisoned: poisoned, passingFaults: passingFaults, surplus: surplus)
    self.session = session
    asked = outputs
    return session
  }
}

private final class PoisonedSession: ModelSession {
  private(set) var runs = 0
  private(set) var lastRun = 0..<0
  private let inputs: InputTensors
  private let poisoned: Set<Int>

  private var passingFaults: Int
  private let surplus: Int

  init(inputs: InputTensors, poisoned: Set<Int>, passingFaults: Int, surplus: Int) {
    self.surplus = surplus
    self.passingFaults = passingFaults
    self.inputs = inputs
    self.poisoned = poisoned
  }

  func run(rows: Range<Int>) throws(ModelError) {
    runs += 1
    lastRun = 0..<0
    if passingFaults > 0 {
      passingFaults -= 1
      throw ModelError(.run(transient: true), "the model is away")
    }
    for row in rows where poisoned.contains(row) { throw ModelError(.run(transient: false), "row \(row) is poisoned") }
    lastRun = rows
  }

  func output(_ index: Int) -> OutputTensor {
    OutputTensor(elementType: .float32, rows: lastRun.count + surplus, elementsPerRow: 1, elements: UnsafeRawPointer(inputs.block(0).base))
  }
}
