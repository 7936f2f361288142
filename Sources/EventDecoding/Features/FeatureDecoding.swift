import CEL
import CELFields

/// What is not on the fast path of a feature: strings, expressions, vectors, things missing, and faults.
extension FeatureDefinition {
  func decode(
    _ writer: FeatureWriter, _ column: FeatureColumn, row: Int, context: borrowing Activation, payload: PayloadReader
  ) -> DecodingFault? {
    if writer.source == .field, let fields = context.fields {
      let field = fields + Int(writer.slot)
      if writer.vector >= 0, Int32(field.pointee.kind) == FieldKind.list {
        return fault(writer.writeVector(payload.vector(Int(writer.vector)), row: row))
      }
      if vector?.encoding == .array, Int32(field.pointee.kind) > FieldKind.null {
        return fault("expected an array of \(width) numbers, found \(FeatureValue(field).description)")
      }
      let isNull = Int32(field.pointee.kind) == FieldKind.null
      return write(FeatureValue(field), writer, column, row: row) { isNull ? "is null" : "is missing" }
    }
    switch expression.evaluate(context).unwrapped {
    case .success(.list(let elements)) where vector?.encoding == .array: return fault(writer.writeVector(elements, row: row))
    case .success(.bytes(let bytes)) where vector?.encoding == .base64:
      guard bytes.count == width * 4 else { return fault(FeatureWriter.byteMismatch(expected: width, found: bytes.count)) }
      bytes.withUnsafeBytes { writer.writeVector(float32: $0, row: row) }
      return nil
    case .success(let value): return FeatureValue.with(value) { write($0, writer, column, row: row) { "is null" } }
    case .failure(let reason) where reason.isMissing:
      return write(.missing, writer, column, row: row) { "has no value: \(expression.describe(reason))" }
    case .failure(let reason): return DecodingFault(.feature, "\(title) has no value: \(expression.describe(reason))", subject: title)
    }
  }

  private func write(
    _ value: FeatureValue, _ writer: FeatureWriter, _ column: FeatureColumn, row: Int, missing reason: () -> String
  ) -> DecodingFault? {
    switch value {
    case .missing: return writeMissing(writer, column, row: row) ? nil : DecodingFault(.feature, "\(title) \(reason())", subject: title)
    case .text(let text) where vector?.encoding == .csv: return fault(writer.writeVector(csv: text, row: row))
    case .text(let text) where vector?.encoding == .base64: return fault(writer.writeVector(base64: text, row: row))
    case .text(let text) where writer.type == .string && vector == nil:
      column.store?(row, text)
      return nil
    default: break
    }
    if let vector {
      let wanted = vector.encoding == .array ? "an array of \(width) numbers" : "a string of \(vector.encoding.rawValue)"
      return fault("expected \(wanted), found \(value.description)")
    }
    if writer.write(value, row: row) { return nil }
    return value.isNumber(for: writer.type)
      ? fault("\(value.description) does not fit \(writer.type.rawValue) (\(writer.type.range))")
      : fault("expected \(writer.type.expectation), found \(value.description)")
  }

  private func writeMissing(_ writer: FeatureWriter, _ column: FeatureColumn, row: Int) -> Bool {
    if case .string(var text) = missing {
      text.withUTF8 { column.store?(row, UnsafeRawBufferPointer($0)) }
      return true
    }
    guard writer.hasSubstitute else { return false }
    if vector == nil { return writer.write(.missing, row: row) }
    writer.fillVector(row: row)
    return true
  }

  private func fault(_ message: String?) -> DecodingFault? {
    message.map { DecodingFault(.feature, "\(title): \($0)", subject: title) }
  }

  /// The feature in messages: its name, and its expression where that says more.
  private var title: String {
    name == expression.source ? "feature \(name)" : "feature '\(name)' (\(expression.source))"
  }
}
