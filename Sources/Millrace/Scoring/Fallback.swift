import EventDecoding
import ModelRuntime

/// What answers where a lane's model does not: another model over the same inputs, or the same outputs for every record. Shared by the
/// lane's workers.
enum Fallback: Sendable {
  /// The outputs are those that the lane's own model publishes, by name and in its order.
  case model(any Model, outputs: [PredictionWriter.Output])
  /// Members of the prediction as JSON.
  case outputs([PredictionWriter.Constant])
}

/// A lane's fallback with one worker's buffers. One thread.
struct FallbackBench {
  /// nil: the outputs are fixed.
  let scorer: Scorer?
  let writer: PredictionWriter

  /// - Parameter inputs: those of the lane's own scorer.
  init(_ fallback: Fallback, of lane: Lane, sharing inputs: InputTensors) throws(ModelError) {
    switch fallback {
    case .model(let model, let outputs):
      scorer = try Scorer(model, sharing: inputs, outputs: outputs.map(\.tensor))
      writer = PredictionWriter(
        outputs: outputs, model: model.name, version: model.version, lane: lane.name, publishesInvalid: lane.publishesInvalid,
        isDegraded: true)
    case .outputs(let constants):
      scorer = nil
      writer = PredictionWriter(
        outputs: [], constants: constants, model: lane.model.name, version: lane.model.version, lane: lane.name, publishesInvalid: false,
        isDegraded: true)
    }
  }
}

extension Lane {
  /// Why rows are unanswered, as a dead letter says it: what happened, and the key that decides.
  func words(of why: Unanswered) -> FailureText {
    let fault = words(of: why.error)
    return switch why.reason {
    case .usedUp(let attempts): "\(fault); it failed \(attempts) \(attempts == 1 ? "time" : "times in a row") (lanes.\(name).retry)"
    case .circuitOpen: "the circuit is open (lanes.\(name).breaker): the model failed too often, the last time because: \(fault)"
    case .stopping: "\(fault); the worker was told to stop"
    }
  }
}
