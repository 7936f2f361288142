/// A loaded model, shared by all workers; any thread may use it.
public protocol Model: AnyObject, Sendable {
  /// What messages and predictions call it.
  var name: String { get }
  /// What predictions are labelled with: changes whenever the model does.
  var version: String { get }
  /// What it takes and gives.
  var signature: ModelSignature { get }

  /// What one worker runs this model with. The inputs are the signature's, in its order, and stay the caller's to write.
  /// - Parameters:
  ///   - inputs: where the rows of each batch will lie.
  ///   - outputs: indices of the outputs that will be read, each once; the model may skip the work for the others.
  /// - Throws: `.signature` if the inputs are not the model's.
  func makeSession(inputs: InputTensors, outputs: [Int]) throws(ModelError) -> any ModelSession
}

extension Model {
  /// What one worker runs this model with, all of its outputs read.
  /// - Throws: `.signature` if the inputs are not the model's.
  public func makeSession(inputs: InputTensors) throws(ModelError) -> any ModelSession {
    try makeSession(inputs: inputs, outputs: Array(signature.outputs.indices))
  }
}

/// A model with one worker's buffers. Used from one thread at a time.
public protocol ModelSession: AnyObject {
  /// Runs the model over these rows of the inputs. Afterwards ``output(_:)`` is readable until the next run.
  /// A row range other than a prefix lets the caller find the row that makes a batch fail, without moving any.
  /// - Throws: `.run` or `.output`; the outputs are then unreadable, and the session can be used again.
  func run(rows: Range<Int>) throws(ModelError)

  /// An output of the last run, by its index in the signature. It has a row for each of that run's, in their order, and what stands in a
  /// row depends on that row alone.
  func output(_ index: Int) -> OutputTensor
}

extension ModelSession {
  /// Runs the model over the first `rows` rows.
  public func run(rows: Int) throws(ModelError) { try run(rows: 0..<rows) }

  /// Holds the last run to its promise: each of these outputs has a row for each of the run's.
  /// - Throws: `.output`.
  package func expectRows(_ rows: Int, of outputs: [Int], in model: any Model) throws(ModelError) {
    for index in outputs {
      let found = output(index).rows
      if found == rows { continue }
      let name = model.signature.outputs[index].name
      throw ModelError(
        .output(index),
        "model '\(model.name)' failed: output '\(name)' came back with \(found) \(found == 1 ? "row" : "rows") for \(rows): it must "
          + "have one for each row of the run")
    }
  }
}
