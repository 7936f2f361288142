import EventDecoding
import ModelRuntime

/// A lane and what one of its workers has, for one record at a time. One thread.
struct LaneBench {
  let lane: Lane
  let scorer: Scorer
  private let decoders: [EventDecoder]
  private let writer: PredictionWriter

  struct Failure: Error {
    let message: String
    /// The model's own, if it is the model that failed.
    var error: ModelError?
  }

  init(_ lane: Lane) throws {
    self.lane = lane
    scorer = try Scorer(lane.model, inputs: lane.inputs, outputs: lane.outputs.map(\.tensor), capacity: 1)
    decoders = try lane.decoders(writingTo: scorer.inputs)
    writer = lane.makeWriter()
  }

  func decoder(forTopic topic: String) -> EventDecoder? { lane.programByTopic[topic].map { decoders[$0] } }

  /// The prediction of the first row.
  /// - Throws: `ModelError` if it is not the record that the model failed with: a lane would end.
  func score(_ members: borrowing ByteBuffer) throws(ModelError) -> Result<String, Failure> {
    var json = ByteBuffer()
    var failure: Failure?
    do {
      let event = members.bytes
      try scorer.score(
        0..<1,
        scored: { session, _ in failure = writer.write(event, session, row: 0, into: &json).map { Failure(message: $0) } },
        rejected: { _, error in failure = Failure(message: error.message, error: error) },
        unanswered: { _, why in failure = Failure(message: why.error.message, error: why.error) })
    } catch let error as ModelError {
      throw error
    } catch {
      failure = Failure(message: "\(error)")
    }
    if let failure { return .failure(failure) }
    return .success(String(decoding: json.bytes, as: UTF8.self))
  }
}
