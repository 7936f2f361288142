import EventDecoding
import ModelRuntime

/// Writes predictions as JSON: the event's members, the model's outputs, then model, version and lane.
struct PredictionWriter {
  /// A member read from an output tensor.
  struct Output: Sendable {
    let name: String
    /// Index of the tensor in the model's signature.
    let tensor: Int
    /// Column of the tensor's row; nil writes the whole row, a number for one column and an array for more.
    let column: Int?
  }

  private struct Member {
    /// `,"score":`
    let prefix: [UInt8]
    let output: Output
  }

  private let members: [Member]
  private let suffix: [UInt8]
  private let publishesInvalid: Bool

  /// - Parameter publishesInvalid: a prediction that is NaN or infinite is published as `null` instead of refused.
  init(outputs: [Output], model: String, version: String, lane: String, publishesInvalid: Bool) {
    members = outputs.map { output in
      var prefix = ByteBuffer()
      prefix.append(",")
      prefix.append(quoted: output.name)
      prefix.append(":")
      return Member(prefix: Array(prefix.bytes), output: output)
    }
    var suffix = ByteBuffer()
    for (name, value) in [("model", model), ("version", version), ("lane", lane)] {
      suffix.append(",")
      suffix.append(quoted: name)
      suffix.append(":")
      suffix.append(quoted: value)
    }
    suffix.append("}")
    self.suffix = Array(suffix.bytes)
    self.publishesInvalid = publishesInvalid
  }

  /// Replaces what is in `json` by the prediction of one row.
  /// - Parameters:
  ///   - event: the members that came from the event, with commas between, and at least one.
  ///   - row: the row in the session's last run.
  /// - Returns: nil, or why there is no valid prediction.
  func write(_ event: UnsafeRawBufferPointer, _ session: any ModelSession, row: Int, into json: inout ByteBuffer) -> String? {
    json.removeAll()
    json.append("{")
    json.append(event)
    for member in members {
      member.prefix.withUnsafeBytes { json.append($0) }
      let tensor = session.output(member.output.tensor)
      let invalid: Bool
      if let column = member.output.column {
        guard column < tensor.elementsPerRow else {
          return "output '\(member.output.name)' is column \(column) of \(tensor.spec), which has \(tensor.elementsPerRow) columns"
        }
        invalid = !append(tensor, row, column, to: &json)
      } else {
        invalid = !appendRow(tensor, row, to: &json)
      }
      if invalid && !publishesInvalid { return "output '\(member.output.name)' of the model is NaN or infinite" }
    }
    suffix.withUnsafeBytes { json.append($0) }
    return nil
  }

  private func appendRow(_ tensor: OutputTensor, _ row: Int, to json: inout ByteBuffer) -> Bool {
    if tensor.elementsPerRow == 1 { return append(tensor, row, 0, to: &json) }
    var valid = true
    json.append("[")
    for column in 0..<tensor.elementsPerRow {
      if column > 0 { json.append(",") }
      valid = append(tensor, row, column, to: &json) && valid
    }
    json.append("]")
    return valid
  }

  /// Writes one element; a number that JSON has no text for is written as `null`, and the answer is false.
  @inline(__always)
  private func append(_ tensor: OutputTensor, _ row: Int, _ column: Int, to json: inout ByteBuffer) -> Bool {
    switch tensor.spec.elementType {
    case .float32:
      let value = tensor.float(row, column)
      guard value.isFinite else { return appendNull(to: &json) }
      json.append(value)
    case .float64:
      let value = tensor.double(row, column)
      guard value.isFinite else { return appendNull(to: &json) }
      json.append(value)
    case .int64, .int32:
      json.append(tensor.integer(row, column) ?? 0)
    case .bool:
      if tensor.integer(row, column) == 0 { json.append("false") } else { json.append("true") }
    case .string:
      json.append(quoted: tensor.bytes(row, column))
    }
    return true
  }

  private func appendNull(to json: inout ByteBuffer) -> Bool {
    json.append("null")
    return false
  }
}
