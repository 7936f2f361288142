import CEL
import CELFields

/// What is not on the fast path of a feature: strings, expressions, vectors, things missing, and faults.
extension FeatureDefinition {
  func decode(
    _ writer: FeatureWriter, _ column: FeatureColumn, row: Int, context: borrowing Activation, payload: PayloadReader
  ) -> DecodingFault? {
    if writer.source == .field, let fields = context.fields {
      let field = fields + Int(writer.slot)
      if let part = UnreadablePart(field) {
        return DecodingFault(.noValue(.unreadableField(expression.path ?? FieldPath(), part)), at: place)
      }
      if writer.vector >= 0, Int32(field.pointee.kind) == FieldKind.list {
        return fault(writer.writeVector(payload.vector(Int(writer.vector)), row: row))
      }
      if vector?.encoding == .array, Int32(field.pointee.kind) > FieldKind.null {
        return fault(.init(.array(width), found: FeatureValue(field).found))
      }
      let isNull = Int32(field.pointee.kind) == FieldKind.null
      return write(FeatureValue(field), writer, column, row: row) { .missing(isNull ? .null : .missing) }
    }
    switch expression.evaluate(context).unwrapped {
    case .success(.list(let elements)) where vector?.encoding == .array: return fault(writer.writeVector(elements, row: row))
    case .success(.bytes(let bytes)) where vector?.encoding == .base64:
      guard bytes.count == width * 4 else { return fault(.init(.floats(width), found: .bytes(bytes.count))) }
      bytes.withUnsafeBytes { writer.writeVector(float32: $0, row: row) }
      return nil
    case .success(let value): return FeatureValue.with(value) { write($0, writer, column, row: row) { .missing(.null) } }
    case .failure(let reason) where reason.isMissing:
      return write(.missing, writer, column, row: row) { .noValue(reason) }
    case .failure(let reason): return DecodingFault(.noValue(reason), at: place)
    }
  }

  private func write(
    _ value: FeatureValue, _ writer: FeatureWriter, _ column: FeatureColumn, row: Int, missing reason: () -> DecodingFault.Kind
  ) -> DecodingFault? {
    switch value {
    case .missing: return writeMissing(writer, column, row: row) ? nil : DecodingFault(reason(), at: place)
    case .text(let text) where vector?.encoding == .csv: return fault(writer.writeVector(csv: text, row: row))
    case .text(let text) where vector?.encoding == .base64: return fault(writer.writeVector(base64: text, row: row))
    case .text(let text) where writer.type == .string && vector == nil:
      column.store?(row, text)
      return nil
    default: break
    }
    if let vector {
      return fault(.init(vector.encoding == .array ? .array(width) : .string(vector.encoding), found: value.found))
    }
    if writer.write(value, row: row) { return nil }
    return fault(.init(value.isNumber(for: writer.type) ? .range(writer.type) : .value(writer.type), found: value.found))
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

  private func fault(_ mismatch: DecodingFault.Mismatch?) -> DecodingFault? {
    mismatch.map { DecodingFault(.mismatch($0), at: place) }
  }

  private var place: DecodingFault.Place { .feature(name: name, source: expression.source) }
}
