import CELFields

/// Text in place: of a field, an entry of the map of texts, or a variable.
enum TextInPlace {
  case text(UnsafeBufferPointer<UInt8>)
  /// There is a value, but it is no string.
  case other
  case fault
}

/// A value of the map of texts in place.
enum EntryInPlace {
  case absent
  /// NULL if there is no address.
  case value(UnsafeBufferPointer<UInt8>)

  var isThere: Bool { if case .value = self { true } else { false } }
}

extension Program {
  @inline(__always)
  func entry(_ name: Int32, _ context: borrowing Activation) -> EntryInPlace {
    Self.entry(UnsafePointer(names[Int(name)].baseAddress.unsafelyUnwrapped), in: context.texts)
  }

  @inline(__always)
  static func entry(_ name: UnsafePointer<CChar>, in texts: UnsafePointer<TextMap>?) -> EntryInPlace {
    var value: UnsafeRawPointer?
    var length = 0
    guard let texts, texts.pointee.find(texts.pointee.context, name, &value, &length) else { return .absent }
    return .value(UnsafeBufferPointer(start: value?.assumingMemoryBound(to: UInt8.self), count: value == nil ? 0 : length))
  }

  /// Calls back with the text of a source; a value that is not UTF-8 is a fault in the map of texts, and no string in a variable.
  @inline(__always)
  private func withText(
    _ source: Int32, _ index: Int32, _ context: borrowing Activation, _ body: (TextInPlace) -> Truth
  ) -> Truth {
    switch source {
    case TextSource.slot.rawValue:
      guard let field = Self.field(index, context) else { return .fault }
      guard Int32(field.pointee.kind) == FieldKind.string else { return body(.other) }
      return body(.text(UnsafeBufferPointer(start: field.pointee.text, count: field.pointee.text_length)))
    case TextSource.entry.rawValue:
      guard case .value(let bytes) = entry(index, context) else { return .fault }
      guard bytes.baseAddress != nil else { return body(.other) }
      return Bytes.isUTF8(bytes) ? body(.text(bytes)) : .fault
    default:
      guard let record = context.record else { return .fault }
      let place = VariablePlace(code: index)
      guard let bytes = place.bytes(in: record) else { return body(.other) }
      return body(place.layout == .text || Bytes.isUTF8(bytes) ? .text(bytes) : .other)
    }
  }

  @inline(__always)
  private func text(_ index: Int32) -> UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(texts[Int(index)])
  }

  @inline(never)
  func textRelation(_ node: Node, _ context: borrowing Activation) -> Truth {
    let relation = Relation(rawValue: node.detail).unsafelyUnwrapped
    let literal = text(node.c)
    return withText(node.a, node.b, context) { found in
      switch (found, relation) {
      case (.text(let text), .equal): Truth(ValueComparison.equal(text, literal))
      case (.text(let text), .notEqual): Truth(!ValueComparison.equal(text, literal))
      case (.text(let text), _): Truth(relation.holds(ValueComparison.order(text, literal)))
      case (.other, .equal): .no
      case (.other, .notEqual): .yes
      default: .fault
      }
    }
  }

  @inline(never)
  func textTest(_ node: Node, _ context: borrowing Activation) -> Truth {
    withText(node.a, node.b, context) { found in
      guard case .text(let text) = found else { return .fault }
      if node.operation == .textMatches { return Truth(patternHandles[Int(node.c)]._withUnsafeGuaranteedRef { $0.matches(text) }) }
      return Truth(StringFunctions.test(Function(rawValue: node.detail).unsafelyUnwrapped, text, self.text(node.c)))
    }
  }

  @inline(never)
  func textIn(_ node: Node, _ context: borrowing Activation) -> Truth {
    withText(node.a, node.b, context) { found in
      switch found {
      case .text(let text):
        for index in node.c..<(node.c + node.d) where ValueComparison.equal(text, self.text(index)) { return .yes }
        return .no
      case .other: return .no
      case .fault: return .fault
      }
    }
  }
}
