import EventDecoding
import ModelRuntime

/// A lane of a dry run, with what one of its workers has: decoders, scorer and writer, for one record at a time. One thread.
struct DryRunLane {
  let lane: Lane
  private let model: BoundModel

  struct Failure: Error {
    let message: String
    /// The model's error, if it is the model that failed.
    var error: ModelError?
  }

  init(_ lane: Lane) throws {
    self.lane = lane
    model = try BoundModel(lane.slot.current, of: lane, capacity: 1, attempts: .once)
  }

  var inputs: InputTensors { model.scorer.inputs }

  func decoder(forTopic topic: String) -> EventDecoder? { model.decoder(forTopic: topic, of: lane) }

  /// The prediction of the first row.
  /// - Throws: `ModelError` if it is not the record that the model failed with: a lane would end.
  func score(_ members: borrowing ByteBuffer) throws(ModelError) -> Result<String, Failure> {
    var json = ByteBuffer()
    var failure: Failure?
    do {
      let event = members.bytes
      try model.scorer.score(
        0..<1,
        scored: { session, _ in failure = model.writer.write(event, session, row: 0, into: &json).map { Failure(message: $0) } },
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
