import CSimdJSON

/// Text in place: of a field, a header, the key or the topic.
enum TextInPlace {
  case text(UnsafeBufferPointer<UInt8>)
  /// There is a value, but it is no string.
  case other
  case fault
}

/// A header's value in place.
enum HeaderInPlace {
  case absent
  /// NULL if there is no address.
  case value(UnsafeBufferPointer<UInt8>)

  var isThere: Bool { if case .value = self { true } else { false } }
}

extension Program {
  @inline(__always)
  func header(_ name: Int32, _ context: borrowing EvaluationContext) -> HeaderInPlace {
    Self.header(UnsafePointer(names[Int(name)].baseAddress.unsafelyUnwrapped), in: context.record.headers)
  }

  @inline(__always)
  static func header(_ name: UnsafePointer<CChar>, in headers: HeaderAccess) -> HeaderInPlace {
    var value: UnsafeRawPointer?
    var length = 0
    guard headers.find(headers.context, name, &value, &length) else { return .absent }
    return .value(UnsafeBufferPointer(start: value?.assumingMemoryBound(to: UInt8.self), count: value == nil ? 0 : length))
  }

  /// Calls back with the text of a source; a value that is not UTF-8 is a fault in a header and bytes, so no string, in the key.
  @inline(__always)
  private func withText(
    _ source: Int32, _ index: Int32, _ context: borrowing EvaluationContext, _ body: (TextInPlace) -> Truth
  ) -> Truth {
    switch source {
    case TextSource.slot.rawValue:
      guard let field = Self.field(index, context) else { return .fault }
      guard Int32(field.pointee.kind) == FieldKind.string else { return body(.other) }
      return body(.text(UnsafeBufferPointer(start: field.pointee.text, count: field.pointee.text_length)))
    case TextSource.header.rawValue:
      guard case .value(let bytes) = header(index, context) else { return .fault }
      guard bytes.baseAddress != nil else { return body(.other) }
      return Bytes.isUTF8(bytes) ? body(.text(bytes)) : .fault
    case TextSource.key.rawValue:
      guard let key = context.record.key else { return body(.other) }
      let bytes = UnsafeBufferPointer(start: key.baseAddress?.assumingMemoryBound(to: UInt8.self), count: key.count)
      return body(Bytes.isUTF8(bytes) ? .text(bytes) : .other)
    default:
      return body(.text(context.record.topic.bindMemory(to: UInt8.self)))
    }
  }

  @inline(__always)
  private func text(_ index: Int32) -> UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(texts[Int(index)])
  }

  @inline(never)
  func textRelation(_ node: Node, _ context: borrowing EvaluationContext) -> Truth {
    let relation = Relation(rawValue: node.detail).unsafelyUnwrapped
    let literal = text(node.c)
    return withText(node.a, node.b, context) { found in
      switch (found, relation) {
      case (.text(let text), .equal): Truth(Comparison.equal(text, literal))
      case (.text(let text), .notEqual): Truth(!Comparison.equal(text, literal))
      case (.text(let text), _): Truth(relation.holds(Comparison.order(text, literal)))
      case (.other, .equal): .no
      case (.other, .notEqual): .yes
      default: .fault
      }
    }
  }

  @inline(never)
  func textTest(_ node: Node, _ context: borrowing EvaluationContext) -> Truth {
    withText(node.a, node.b, context) { found in
      guard case .text(let text) = found else { return .fault }
      if node.operation == .textMatches { return Truth(patternHandles[Int(node.c)]._withUnsafeGuaranteedRef { $0.matches(text) }) }
      return Truth(StringFunctions.test(Function(rawValue: node.detail).unsafelyUnwrapped, text, self.text(node.c)))
    }
  }

  @inline(never)
  func textIn(_ node: Node, _ context: borrowing EvaluationContext) -> Truth {
    withText(node.a, node.b, context) { found in
      switch found {
      case .text(let text):
        for index in node.c..<(node.c + node.d) where Comparison.equal(text, self.text(index)) { return .yes }
        return .no
      case .other: return .no
      case .fault: return .fault
      }
    }
  }
}
