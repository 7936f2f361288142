import EventDecoding
import ModelRuntime

/// What turns the records of one lane into rows, and the rows into predictions: for a worker that serves several lanes. One thread.
final class Bench {
  /// Its place among the owners of a flight's records; 0 is the worker's own lane.
  let owner: UInt8
  let lane: Lane
  let scorer: Scorer
  let decoders: [EventDecoder]
  let writer: PredictionWriter
  let statistics: WorkerStatistics
  var rows: [Worker.Row] = []
  var members = ByteBuffer()
  var json = ByteBuffer()

  /// - Parameter attempts: nil: as the lane retries, and without a breaker.
  init(_ lane: Lane, owner: UInt8, capacity: Int, statistics: WorkerStatistics, attempts: Attempts? = nil) throws {
    self.owner = owner
    self.lane = lane
    self.statistics = statistics
    let attempts =
      attempts
      ?? Attempts(retry: lane.retry) { time in
        WorkerThread.sleep(time)
        return true
      }
    scorer = try Scorer(lane.model, inputs: lane.inputs, outputs: lane.outputs.map(\.tensor), capacity: capacity, attempts: attempts)
    decoders = try lane.decoders(writingTo: scorer.inputs)
    writer = lane.makeWriter()
  }

  func clear() {
    rows.removeAll(keepingCapacity: true)
    members.removeAll()
  }
}
