import EventDecoding
import ModelRuntime

/// A lane's model with one thread's buffers: decoders write into the rows of its inputs, the scorer runs it over them, and the writer makes
/// predictions of its outputs. One thread.
final class BoundModel {
  let binding: ModelBinding
  let scorer: Scorer
  /// One for each of the lane's programs.
  let decoders: [EventDecoder]
  /// The same without counting references, for the hot path. Valid as long as this is.
  let hotDecoders: UnsafeMutableBufferPointer<Unmanaged<EventDecoder>>
  let writer: PredictionWriter
  /// The output whose distribution is counted; nil: none is a number.
  let score: PublishedOutput?
  /// What answers where the model does not; nil: the lane has nothing for that.
  let fallback: BoundFallback?

  /// - Parameters:
  ///   - capacity: rows of a batch at most.
  ///   - attempts: how its runs are tried again.
  init(_ binding: ModelBinding, of lane: Lane, capacity: Int, attempts: Attempts) throws {
    self.binding = binding
    scorer = try Scorer(
      binding.model, inputs: binding.inputs, outputs: binding.outputs.map(\.tensor), capacity: capacity, attempts: attempts)
    score = binding.scoreOutput
    let inputs = scorer.inputs
    decoders = try lane.decoding.decoders(writingTo: binding.columns(of: inputs), lane: lane.index)
    writer = PredictionWriter(
      outputs: binding.outputs, model: binding.model.name, version: binding.model.version, lane: lane.name,
      publishesInvalid: lane.scoring.publishesInvalid)
    fallback = try lane.scoring.fallback.map { try BoundFallback($0, of: lane, binding, sharing: inputs) }
    hotDecoders = .allocate(capacity: decoders.count)
    _ = hotDecoders.initialize(from: decoders.map(Unmanaged.passUnretained))
  }

  deinit { hotDecoders.deallocate() }

  func decoder(forTopic topic: String, of lane: Lane) -> EventDecoder? { lane.decoding.programByTopic[topic].map { decoders[$0] } }
}

/// A lane's fallback with one thread's buffers. One thread.
struct BoundFallback {
  /// nil: the outputs are fixed.
  let scorer: Scorer?
  let writer: PredictionWriter

  /// - Parameter inputs: those of the lane's own model.
  init(_ fallback: Fallback, of lane: Lane, _ binding: ModelBinding, sharing inputs: InputTensors) throws(ModelError) {
    switch fallback {
    case .model(let model, let outputs):
      scorer = try Scorer(model, sharing: inputs, outputs: outputs.map(\.tensor))
      writer = PredictionWriter(
        outputs: outputs, model: model.name, version: model.version, lane: lane.name, publishesInvalid: lane.scoring.publishesInvalid,
        isDegraded: true)
    case .outputs(let members):
      scorer = nil
      writer = PredictionWriter(
        outputs: [], constants: members, model: binding.model.name, version: binding.model.version, lane: lane.name,
        publishesInvalid: false, isDegraded: true)
    }
  }
}
