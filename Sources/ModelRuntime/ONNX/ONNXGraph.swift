/// An ONNX model's bytes, whose main graph's operators can be looked at and replaced; everything else is copied as it is.
/// The numbers of fields are those of ModelProto, GraphProto and NodeProto in onnx.proto.
struct ONNXGraph {
  /// An operator that takes another's place: its inputs and outputs stay, its attributes go.
  struct Replacement {
    let type: String
    let domain: String
    /// The type and shape of each output, by the operator's names for them: ONNX Runtime can't know what an operator of one's own makes.
    let outputs: [TensorSpec]
  }

  let model: UnsafeRawBufferPointer

  /// How often the model has a graph: files that are put together of parts may have several, which are one.
  func graphCount() throws(ProtobufReader.Damage) -> Int {
    var count = 0
    var fields = ProtobufReader(model)
    while let field = try fields.next() { count += field.number == 7 ? 1 : 0 }
    return count
  }

  /// The domains whose operators the model uses.
  func domains() throws(ProtobufReader.Damage) -> Set<String> {
    var domains: Set<String> = []
    var fields = ProtobufReader(model)
    while let field = try fields.next() {
      guard field.number == 8 else { continue }
      var members = ProtobufReader(field.message)
      while let member = try members.next() { if member.number == 1 { domains.insert(String(member)) } }
    }
    return domains
  }

  /// The nodes of these operators, as their places in the graph and their bytes.
  func nodes(
    where isWanted: (_ domain: String, _ type: String) -> Bool
  ) throws(ProtobufReader.Damage) -> [(index: Int, bytes: UnsafeRawBufferPointer)] {
    var found: [(index: Int, bytes: UnsafeRawBufferPointer)] = []
    var index = 0
    var fields = ProtobufReader(model)
    while let field = try fields.next() {
      guard field.number == 7 else { continue }
      var graph = ProtobufReader(field.message)
      while let member = try graph.next() {
        guard member.number == 1 else { continue }
        let (domain, type) = try ONNXNode.type(of: member.message)
        if isWanted(domain, type) { found.append((index, member.message)) }
        index += 1
      }
    }
    return found
  }

  /// The model with other operators at some places of its graph.
  func replacing(_ replacements: [Int: Replacement]) throws(ProtobufReader.Damage) -> [UInt8] {
    var model = ProtobufWriter()
    var fields = ProtobufReader(self.model)
    while let field = try fields.next() {
      if field.number == 7 {
        let graph = try Self.graph(field.message, replacements)
        model.content(7, graph)
      } else {
        model.copy(field.whole)
      }
    }
    for domain in Set(replacements.values.map(\.domain)) { model.operators(of: domain, version: 1) }
    return model.bytes
  }

  private static func graph(
    _ bytes: UnsafeRawBufferPointer, _ replacements: [Int: Replacement]
  ) throws(ProtobufReader.Damage) -> [UInt8] {
    var graph = ProtobufWriter()
    var index = 0
    var members = ProtobufReader(bytes)
    while let member = try members.next() {
      guard member.number == 1 else {
        graph.copy(member.whole)
        continue
      }
      if let replacement = replacements[index] {
        let node = try Self.node(member.message, replacement)
        graph.content(1, node)
      } else {
        graph.copy(member.whole)
      }
      index += 1
    }
    let known = try names(in: bytes)
    for output in replacements.values.flatMap(\.outputs) where !known.contains(output.name) {
      graph.message(13) { $0.valueInfo(output) }
    }
    return graph.bytes
  }

  /// The values whose types and shapes a graph tells: its outputs' and others'.
  private static func names(in graph: UnsafeRawBufferPointer) throws(ProtobufReader.Damage) -> Set<String> {
    var names: Set<String> = []
    var members = ProtobufReader(graph)
    while let member = try members.next() {
      guard member.number == 12 || member.number == 13 else { continue }
      var fields = ProtobufReader(member.message)
      while let field = try fields.next() { if field.number == 1 { names.insert(String(field)) } }
    }
    return names
  }

  private static func node(_ bytes: UnsafeRawBufferPointer, _ replacement: Replacement) throws(ProtobufReader.Damage) -> [UInt8] {
    var node = ProtobufWriter()
    var members = ProtobufReader(bytes)
    // Inputs, outputs, name and doc string.
    while let member = try members.next() {
      if [1, 2, 3, 6].contains(member.number) { node.copy(member.whole) }
    }
    node.text(4, replacement.type)
    node.text(7, replacement.domain)
    return node.bytes
  }

  /// A model of one node, taken from another model, with that model's versions: what stands alone can be asked what it does.
  func alone(
    _ node: UnsafeRawBufferPointer, inputs: [TensorSpec], outputs: [TensorSpec]
  ) throws(ProtobufReader.Damage) -> [UInt8] {
    var alone = ProtobufWriter()
    var fields = ProtobufReader(model)
    while let field = try fields.next() {
      // ir_version and opset_import
      if field.number == 1 || field.number == 8 { alone.copy(field.whole) }
    }
    alone.message(7) { graph in
      graph.content(1, Array(node))
      graph.text(2, "alone")
      for input in inputs { graph.message(11) { $0.valueInfo(input) } }
      for output in outputs { graph.message(12) { $0.valueInfo(output) } }
    }
    return alone.bytes
  }
}

extension ProtobufWriter {
  /// ModelProto's opset_import.
  fileprivate mutating func operators(of domain: String, version: UInt64) {
    message(8) { operators in
      operators.text(1, domain)
      operators.number(2, version)
    }
  }

  /// ValueInfoProto: a tensor of this name, type and shape.
  fileprivate mutating func valueInfo(_ spec: TensorSpec) {
    text(1, spec.name)
    message(2) { type in
      type.message(1) { tensor in
        tensor.number(1, UInt64(spec.elementType.onnx))
        tensor.message(2) { shape in
          for dimension in spec.shape {
            shape.message(1) { size in
              if let dimension { size.number(1, UInt64(dimension)) }
            }
          }
        }
      }
    }
  }
}
