/// Where tensors of a model lie in other files, as ONNX allows for weights: https://onnx.ai/onnx/repo-docs/ExternalData.html.
/// The numbers of fields are those of ModelProto and what is in it, in onnx.proto.
struct ExternalData {
  /// What is said of one tensor.
  struct Reference: Equatable {
    /// A path that counts from the model's folder.
    var location = ""
    var offset = ""
    var length = ""
  }

  /// In the order of the file, those of what is never run left out: tensors for training.
  private(set) var references: [Reference] = []

  /// Graphs may lie in graphs. ONNX Runtime's own parser goes no deeper.
  private static let deepest = 100

  /// - Throws: if the bytes are no model.
  init(_ model: UnsafeRawBufferPointer) throws(ProtobufReader.Damage) {
    var fields = ProtobufReader(model)
    while let field = try fields.next() {
      switch field.number {
      case 7: try readGraph(field.message, depth: 0)
      case 25: try readFunction(field.message)
      default: break
      }
    }
  }

  private mutating func readGraph(_ bytes: UnsafeRawBufferPointer, depth: Int) throws(ProtobufReader.Damage) {
    if depth > Self.deepest { throw ProtobufReader.Damage() }
    var members = ProtobufReader(bytes)
    while let member = try members.next() {
      switch member.number {
      case 1: try readNode(member.message, depth: depth)
      case 5: try readTensor(member.message)
      case 15: try readSparseTensor(member.message)
      default: break
      }
    }
  }

  private mutating func readFunction(_ bytes: UnsafeRawBufferPointer) throws(ProtobufReader.Damage) {
    var members = ProtobufReader(bytes)
    while let member = try members.next() {
      switch member.number {
      case 7: try readNode(member.message, depth: 0)
      case 11: try readAttribute(member.message, depth: 0)
      default: break
      }
    }
  }

  private mutating func readNode(_ bytes: UnsafeRawBufferPointer, depth: Int) throws(ProtobufReader.Damage) {
    var members = ProtobufReader(bytes)
    while let member = try members.next() {
      if member.number == 5 { try readAttribute(member.message, depth: depth) }
    }
  }

  private mutating func readAttribute(_ bytes: UnsafeRawBufferPointer, depth: Int) throws(ProtobufReader.Damage) {
    var members = ProtobufReader(bytes)
    while let member = try members.next() {
      switch member.number {
      case 5, 10: try readTensor(member.message)
      case 6, 11: try readGraph(member.message, depth: depth + 1)
      case 22, 23: try readSparseTensor(member.message)
      default: break
      }
    }
  }

  /// Its values and its indices are tensors.
  private mutating func readSparseTensor(_ bytes: UnsafeRawBufferPointer) throws(ProtobufReader.Damage) {
    var members = ProtobufReader(bytes)
    while let member = try members.next() {
      if member.number == 1 || member.number == 2 { try readTensor(member.message) }
    }
  }

  private mutating func readTensor(_ bytes: UnsafeRawBufferPointer) throws(ProtobufReader.Damage) {
    var reference = Reference()
    var isExternal = false
    var members = ProtobufReader(bytes)
    while let member = try members.next() {
      switch member.number {
      case 13:
        let (key, value) = try Self.entry(member.message)
        switch key {
        case "location": reference.location = value
        case "offset": reference.offset = value
        case "length": reference.length = value
        default: break
        }
      case 14: isExternal = member.value == 1
      default: break
      }
    }
    if isExternal { references.append(reference) }
  }

  private static func entry(_ bytes: UnsafeRawBufferPointer) throws(ProtobufReader.Damage) -> (key: String, value: String) {
    var entry = (key: "", value: "")
    var members = ProtobufReader(bytes)
    while let member = try members.next() {
      if member.number == 1 { entry.key = String(member) }
      if member.number == 2 { entry.value = String(member) }
    }
    return entry
  }
}
