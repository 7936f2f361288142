import CEL
import CELFields

/// Writes one member of an output record.
final class MemberWriter {
  private enum Source {
    /// A field of the event: its text is copied as it stands.
    case field(Int)
    case key
    case expression
  }

  private let expression: Expression
  /// The quoted name and a colon; before all but the first member, a comma.
  private let prefix: UnsafeMutableRawBufferPointer
  private let source: Source
  private let isRequired: Bool

  /// - Parameter isRequired: a missing value is a fault; otherwise it is null.
  init(name: String, _ expression: Expression, isFirst: Bool, isRequired: Bool) {
    var text = ByteBuffer()
    if !isFirst { text.append(UInt8(ascii: ",")) }
    text.append(quoted: name)
    text.append(UInt8(ascii: ":"))
    prefix = .allocate(byteCount: text.count, alignment: 1)
    prefix.copyMemory(from: text.bytes)
    self.expression = expression
    self.isRequired = isRequired
    source = expression.slot.map { .field($0) } ?? (expression.source == "key" ? .key : .expression)
  }

  deinit { prefix.deallocate() }

  func write(
    _ context: borrowing Activation, key: UnsafeRawBufferPointer?, _ payload: PayloadReader, to members: inout ByteBuffer
  ) -> DecodingFault? {
    members.append(UnsafeRawBufferPointer(prefix))
    switch source {
    case .field(let slot):
      guard let field = context.fields.map({ $0 + slot }), Int32(field.pointee.kind) > FieldKind.null else {
        return missing(.missing(.missingOrNull), &members)
      }
      payload.append(field, to: &members)
      return nil
    case .key:
      guard let key else { return missing(.missing(.noKey), &members) }
      if Bytes.isUTF8(key.bindMemory(to: UInt8.self)) {
        members.append(quoted: key)
        return nil
      }
    case .expression: break
    }
    switch expression.evaluate(context).unwrapped {
    case .success(.null): return missing(.missing(.null), &members)
    case .success(.string(let text)): members.append(quoted: text)
    case .success(let value):
      do throws(EvaluationFault) {
        members.append(try value.json())
      } catch {
        return fault(error)
      }
    case .failure(let reason) where reason.isMissing: return missing(.noValue(reason), &members)
    case .failure(let reason): return fault(reason)
    }
    return nil
  }

  private func missing(_ kind: @autoclosure () -> DecodingFault.Kind, _ members: inout ByteBuffer) -> DecodingFault? {
    if isRequired { return DecodingFault(kind(), at: .member(source: expression.source, isID: true)) }
    members.append("null")
    return nil
  }

  private func fault(_ reason: EvaluationFault) -> DecodingFault {
    DecodingFault(.noValue(reason), at: .member(source: expression.source, isID: false))
  }
}
