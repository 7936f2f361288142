/// One operator of an ONNX graph, read from its NodeProto. Valid as long as the file's bytes are.
struct ONNXNode {
  struct Attribute {
    var text = ""
    var integer: Int64 = 0
    var integers: [Int64] = []
    var floats: [Float] = []
    var texts: [String] = []
    /// Numbers in a tensor of their own, as models in double precision have them.
    var hasTensor = false
  }

  private(set) var inputs: [String] = []
  private(set) var outputs: [String] = []
  private(set) var type = ""
  private(set) var attributes: [String: Attribute] = [:]

  /// The numbers are those of NodeProto in onnx.proto.
  init(_ bytes: UnsafeRawBufferPointer) throws(ProtobufReader.Damage) {
    var reader = ProtobufReader(bytes)
    while let field = try reader.next() {
      switch field.number {
      case 1: inputs.append(String(field))
      case 2: outputs.append(String(field))
      case 4: type = String(field)
      case 5:
        let (name, attribute) = try Self.attribute(field.message)
        attributes[name] = attribute
      default: break
      }
    }
  }

  /// What a node is, without its attributes, which may be large.
  static func type(of bytes: UnsafeRawBufferPointer) throws(ProtobufReader.Damage) -> (domain: String, type: String) {
    var found = (domain: "", type: "")
    var reader = ProtobufReader(bytes)
    while let field = try reader.next() {
      if field.number == 4 { found.type = String(field) }
      if field.number == 7 { found.domain = String(field) }
    }
    return found
  }

  /// The numbers are those of AttributeProto. Lists of numbers come packed or one field each.
  private static func attribute(_ bytes: UnsafeRawBufferPointer) throws(ProtobufReader.Damage) -> (String, Attribute) {
    var name = ""
    var attribute = Attribute()
    var reader = ProtobufReader(bytes)
    while let field = try reader.next() {
      switch field.number {
      case 1: name = String(field)
      case 3: attribute.integer = Int64(bitPattern: field.value)
      case 4: attribute.text = String(field)
      case 5: attribute.hasTensor = true
      case 7:
        if field.content == nil {
          attribute.floats.append(Float(bitPattern: UInt32(truncatingIfNeeded: field.value)))
        } else {
          var packed = ProtobufReader(field.message)
          while let value = try packed.nextPackedFixed32() {
            attribute.floats.append(Float(bitPattern: UInt32(truncatingIfNeeded: value)))
          }
        }
      case 8:
        if field.content == nil {
          attribute.integers.append(Int64(bitPattern: field.value))
        } else {
          var packed = ProtobufReader(field.message)
          while let value = try packed.nextPackedVarint() { attribute.integers.append(Int64(bitPattern: value)) }
        }
      case 9: attribute.texts.append(String(field))
      default: break
      }
    }
    return (name, attribute)
  }
}

extension String {
  /// The text of a field.
  init(_ field: ProtobufReader.Field) { self.init(decoding: field.message, as: UTF8.self) }
}
