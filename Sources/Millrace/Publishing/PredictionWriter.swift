import EventDecoding
import ModelRuntime

/// Writes predictions as JSON: the event's members, the model's outputs, then model, version, `degraded` if it is, and lane.
final class PredictionWriter {
  /// Trivial, so that reading one for each row counts no references.
  private struct Member {
    /// `,"score":`
    let prefix: UnsafeRawBufferPointer
    let tensor: Int
    let column: Int?
  }

  private let outputs: [PublishedOutput]
  private let members: UnsafeMutableBufferPointer<Member>
  private let suffix: UnsafeRawBufferPointer
  private let publishesInvalid: Bool

  /// - Parameters:
  ///   - publishesInvalid: a prediction that is NaN or infinite is published as `null` instead of refused.
  ///   - isDegraded: they are a fallback's, and say so.
  init(
    outputs: [PublishedOutput], constants: [FixedMember] = [], model: String, version: String, lane: String, publishesInvalid: Bool,
    isDegraded: Bool = false
  ) {
    self.outputs = outputs
    members = .allocate(capacity: outputs.count)
    for (index, output) in outputs.enumerated() {
      var prefix = ByteBuffer()
      prefix.append(",")
      prefix.append(quoted: output.name)
      prefix.append(":")
      let member = Member(prefix: Self.copy(prefix.bytes), tensor: output.tensor, column: output.column)
      members.initializeElement(at: index, to: member)
    }
    var suffix = ByteBuffer()
    for constant in constants {
      suffix.append(",")
      suffix.append(quoted: constant.name)
      suffix.append(":")
      suffix.append(constant.value)
    }
    for (name, value) in [("model", model), ("version", version), ("lane", lane)] {
      if name == "lane", isDegraded { suffix.append(",\"degraded\":true") }
      suffix.append(",")
      suffix.append(quoted: name)
      suffix.append(":")
      suffix.append(quoted: value)
    }
    suffix.append("}")
    self.suffix = Self.copy(suffix.bytes)
    self.publishesInvalid = publishesInvalid
  }

  deinit {
    for member in members { member.prefix.deallocate() }
    members.deallocate()
    suffix.deallocate()
  }

  private static func copy(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
    copy.copyMemory(from: bytes)
    return UnsafeRawBufferPointer(copy)
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
    for index in members.indices {
      let member = members[index]
      json.append(member.prefix)
      let tensor = session.output(member.tensor)
      let invalid: Bool
      if let column = member.column {
        guard column < tensor.elementsPerRow else {
          return "output '\(outputs[index].name)' is column \(column) of a tensor with \(tensor.elementsPerRow) columns"
        }
        invalid = !append(tensor, row, column, to: &json)
      } else {
        invalid = !appendRow(tensor, row, to: &json)
      }
      if invalid && !publishesInvalid { return "output '\(outputs[index].name)' of the model is NaN or infinite" }
    }
    json.append(suffix)
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
    switch tensor.elementType {
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
