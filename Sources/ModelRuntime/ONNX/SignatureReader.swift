import COnnxRuntime

/// Reads a session's inputs and outputs.
struct SignatureReader {
  private let library: ONNXRuntimeLibrary
  private let session: OpaquePointer
  private let api: ONNXAPI

  init(_ library: ONNXRuntimeLibrary, session: OpaquePointer) {
    self.library = library
    self.session = session
    api = library.api
  }

  /// An input or output as the model declares it, before it is known whether Millrace can use it.
  private struct Declared {
    let name: String
    let kind: Int
    let element: Int
    let shape: [Int?]
    let dimensionNames: [String]
  }

  func read() throws(ModelError) -> ModelSignature {
    let declared: (inputs: [Declared], outputs: [Declared])
    do {
      declared = (try inputs(), try outputs())
    } catch {
      throw ModelError(.load, "its signature cannot be read: \(error.message)")
    }
    var fixedBatch = false
    let inputs = try declared.inputs.map { input throws(ModelError) in
      let spec = try Self.tensor(input, "input")
      guard let rows = spec.shape.first else {
        throw ModelError(.signature, "input '\(spec.name)' is a single value, \(spec.typeAndShape): it has no dimension for rows")
      }
      if let rows, rows != 1 { throw Self.fixedRows(spec, rows) }
      if rows == 1 { fixedBatch = true }
      return spec
    }
    let outputs = try declared.outputs.map { output throws(ModelError) in
      let spec = try Self.tensor(output, "output")
      return fixedBatch ? Self.oneRow(spec) : spec
    }
    if inputs.isEmpty { throw ModelError(.signature, "the model takes no inputs, so its predictions cannot depend on records") }
    return ModelSignature(inputs: inputs, outputs: outputs, fixedBatch: fixedBatch)
  }

  // MARK: What the model declares

  private func inputs() throws(ONNXFault) -> [Declared] {
    var count = 0
    try api.check(api.pointee.SessionGetInputCount(session, &count))
    return try (0..<count).map { index throws(ONNXFault) in
      let name = try api.text(library.allocator) { api.pointee.SessionGetInputName(session, index, library.allocator, &$0) }
      let type = try api.make(api.pointee.ReleaseTypeInfo) { api.pointee.SessionGetInputTypeInfo(session, index, &$0) }
      return try declared(name, type.pointer)
    }
  }

  private func outputs() throws(ONNXFault) -> [Declared] {
    var count = 0
    try api.check(api.pointee.SessionGetOutputCount(session, &count))
    return try (0..<count).map { index throws(ONNXFault) in
      let name = try api.text(library.allocator) { api.pointee.SessionGetOutputName(session, index, library.allocator, &$0) }
      let type = try api.make(api.pointee.ReleaseTypeInfo) { api.pointee.SessionGetOutputTypeInfo(session, index, &$0) }
      return try declared(name, type.pointer)
    }
  }

  private func declared(_ name: String, _ type: OpaquePointer) throws(ONNXFault) -> Declared {
    var kind: UInt32 = 0
    try api.check(api.pointee.GetOnnxTypeFromTypeInfo(type, &kind))
    var tensor: OpaquePointer?
    try api.check(api.pointee.CastTypeInfoToTensorInfo(type, &tensor))
    guard let tensor else { return Declared(name: name, kind: Int(kind), element: 0, shape: [], dimensionNames: []) }
    var element: UInt32 = 0
    try api.check(api.pointee.GetTensorElementType(tensor, &element))
    var rank = 0
    try api.check(api.pointee.GetDimensionsCount(tensor, &rank))
    var dimensions = [Int64](repeating: 0, count: rank)
    try api.check(api.pointee.GetDimensions(tensor, &dimensions, rank))
    var names = [UnsafePointer<CChar>?](repeating: nil, count: rank)
    try api.check(api.pointee.GetSymbolicDimensions(tensor, &names, rank))
    return Declared(
      name: name, kind: Int(kind), element: Int(element), shape: dimensions.map { $0 < 0 ? nil : Int($0) },
      dimensionNames: names.map { $0.map { String(cString: $0) } ?? "" })
  }

  // MARK: What Millrace can use

  private static func tensor(_ declared: Declared, _ role: String) throws(ModelError) -> TensorSpec {
    guard declared.kind == OrtKindTensor else {
      throw ModelError(.signature, "\(role) '\(declared.name)' \(notATensor(declared.kind))")
    }
    guard let elementType = ElementType(onnx: declared.element) else {
      let known = ElementType.allCases.map(\.rawValue).joined(separator: ", ")
      throw ModelError(
        .signature,
        "\(role) '\(declared.name)' holds \(elementName(declared.element)) elements, which Millrace does not read; "
          + "export the model with one of \(known), or add a Cast to float32 at its \(role)")
    }
    return TensorSpec(
      name: declared.name, elementType: elementType, shape: declared.shape, dimensionNames: declared.dimensionNames)
  }

  /// Of a model that takes one row a run all that comes back is that row's: where the shape doesn't say so, it gets the dimension.
  private static func oneRow(_ spec: TensorSpec) -> TensorSpec {
    guard case .some(.some(let first)) = spec.shape.first, first != 1 else { return spec }
    return TensorSpec(
      name: spec.name, elementType: spec.elementType, shape: [1] + spec.shape, dimensionNames: [""] + spec.dimensionNames)
  }

  private static func fixedRows(_ spec: TensorSpec, _ rows: Int) -> ModelError {
    let rest = spec.shape.dropFirst().map { $0.map(String.init) ?? "None" }.joined(separator: ", ")
    return ModelError(
      .signature,
      "input '\(spec.name)' is \(spec.typeAndShape): it takes exactly \(rows) rows a run. Export the model again with a dynamic "
        + "first dimension: dynamic_axes={'\(spec.name)': {0: 'batch'}} (torch.onnx.export), or an initial type of shape "
        + "[None\(rest.isEmpty ? "" : ", " + rest)] (skl2onnx, onnxmltools)")
  }

  private static func notATensor(_ kind: Int) -> String {
    switch kind {
    case Int(OrtKindSequence), Int(OrtKindMap):
      return """
        is a \(kind == Int(OrtKindMap) ? "map" : "sequence") and not a tensor. Converters give a classifier's probabilities as a \
        sequence of maps unless told otherwise; export the model again with options={id(model): {'zipmap': False}} \
        (skl2onnx.to_onnx) or zipmap=False (onnxmltools.convert_…)
        """
    case Int(OrtKindSparseTensor): return "is a sparse tensor; export the model with dense ones"
    case Int(OrtKindOptional): return "is optional; export the model with plain tensors"
    default: return "is not a tensor"
    }
  }

  /// ONNX's numbering of element types (TensorProto.DataType, as ONNX Runtime hands it on).
  private static func elementName(_ element: Int) -> String {
    let names = [
      2: "uint8", 3: "int8", 4: "uint16", 5: "int16", 10: "float16", 12: "uint32", 13: "uint64", 14: "complex64",
      15: "complex128", 16: "bfloat16",
    ]
    return names[element] ?? "unknown (ONNX type \(element))"
  }
}

extension ElementType {
  init?(onnx element: Int) {
    guard let type = Self.allCases.first(where: { $0.onnx == element }) else { return nil }
    self = type
  }

  /// ONNX Runtime's number for the type.
  var onnx: Int {
    switch self {
    case .float32: Int(OrtElementFloat32)
    case .float64: Int(OrtElementFloat64)
    case .int64: Int(OrtElementInt64)
    case .int32: Int(OrtElementInt32)
    case .bool: Int(OrtElementBool)
    case .string: Int(OrtElementString)
    }
  }
}
