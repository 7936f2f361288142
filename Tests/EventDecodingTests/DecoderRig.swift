import Testing

@testable import CEL
@testable import EventDecoding

/// A decoder with columns of its own: what a lane of a worker would have.
final class DecoderRig {
  struct Feature {
    let source: String
    let type: FeatureType
    let missing: MissingPolicy
    let vector: FeatureVector?
    let name: String?

    init(
      _ source: String, _ type: FeatureType = .float32, missing: MissingPolicy = .error, vector: FeatureVector? = nil, name: String? = nil
    ) {
      self.source = source
      self.type = type
      self.missing = missing
      self.vector = vector
      self.name = name
    }
  }

  static let rows = 4
  let decoder: EventDecoder
  private let features: [Feature]
  private let memory: [UnsafeMutableRawBufferPointer]
  private var strings: [[String]]
  private(set) var members = ""
  private(set) var fault: DecodingFault?

  init(
    routes: [Route] = [Route(lane: 0)], laneNames: [String] = ["only"], lane: Int = 0, plan routeFields: FieldPlan = FieldPlan(),
    features: [Feature], id: String? = nil, include: [(name: String, source: String)] = [], format: PayloadFormat = .json,
    reading: EventDecoder.Reading = .adaptive
  ) throws {
    var plan = routeFields
    let definitions = try features.map { feature in
      FeatureDefinition(
        name: feature.name ?? feature.source, expression: try Expression(feature.source, fields: &plan), missing: feature.missing,
        vector: feature.vector)
    }
    let program = try DecodingProgram(
      format: format, routes: RouteTable(laneNames: laneNames, routes: routes), features: definitions,
      id: id.map { try Expression($0, fields: &plan) },
      include: include.map { DecodingProgram.Member(name: $0.name, expression: try Expression($0.source, fields: &plan)) },
      routeFields: routeFields, allFields: plan)
    self.features = features
    strings = Array(repeating: Array(repeating: "", count: Self.rows), count: features.count)
    memory = definitions.map { .allocate(byteCount: Self.rows * 8 * $0.width, alignment: 64) }
    decoder = try EventDecoder(program, lane: lane, reading: reading)
    let columns = definitions.indices.map { index in
      FeatureColumn(
        base: memory[index].baseAddress!, rowStride: 8 * definitions[index].width, elementType: features[index].type,
        width: definitions[index].width
      ) { [unowned self] row, bytes in strings[index][row] = String(decoding: bytes, as: UTF8.self) }
    }
    try decoder.bind(columns)
  }

  deinit {
    for block in memory { block.deallocate() }
  }

  func route(_ record: RecordView) -> Routing {
    decoder.route(record)
  }

  /// Decodes the record routed last; its features as text, or its fault.
  func decode(row: Int = 1) -> [String] {
    for block in memory { block.initializeMemory(as: UInt8.self, repeating: 0xA5) }
    var output = ByteBuffer()
    output.append("before")
    fault = decoder.decode(row: row, members: &output)
    members = String(decoding: output.bytes.dropFirst(6), as: UTF8.self)
    if let fault { return ["\(fault.stage): \(fault)"] }
    return features.indices.map { text($0, row: row) }
  }

  /// Routes and decodes a record with this payload; nil is NULL.
  func decode(_ payload: String?, key: String? = nil, headers: [(name: String, value: String)] = []) -> [String] {
    decode(payload.map { Array($0.utf8) }, key: key, headers: headers)
  }

  func decode(_ payload: [UInt8]?, key: String? = nil, headers: [(name: String, value: String)] = []) -> [String] {
    let list = HeaderList(headers.map { ($0.name, Array($0.value.utf8)) })
    let key = key.map { Array($0.utf8) }
    return withExtendedLifetime(list) {
      Self.lend(payload) { payload in
        Self.lend(key) { key in
          _ = route(RecordView(value: payload, key: key, headers: list.access))
          return decode()
        }
      }
    }
  }

  static func lend<Result>(_ bytes: [UInt8]?, _ body: (UnsafeRawBufferPointer?) throws -> Result) rethrows -> Result {
    guard let bytes else { return try body(nil) }
    // Memory that ends where the bytes do.
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, bytes.count), alignment: 1)
    defer { copy.deallocate() }
    copy.copyBytes(from: bytes)
    return try body(UnsafeRawBufferPointer(rebasing: copy[..<bytes.count]))
  }

  private func text(_ index: Int, row: Int) -> String {
    let width = features[index].vector?.length ?? 1
    return (0..<width).map { element(index, row: row, $0, width: width) }.joined(separator: " ")
  }

  private func element(_ index: Int, row: Int, _ element: Int, width: Int) -> String {
    let start = memory[index].baseAddress! + row * 8 * width
    switch features[index].type {
    case .float32: return "\(start.load(fromByteOffset: 4 * element, as: Float.self))"
    case .float64: return "\(start.load(fromByteOffset: 8 * element, as: Double.self))"
    case .int32: return "\(start.load(fromByteOffset: 4 * element, as: Int32.self))"
    case .int64: return "\(start.load(fromByteOffset: 8 * element, as: Int64.self))"
    case .bool: return "\(start.load(fromByteOffset: element, as: UInt8.self))"
    case .string: return strings[index][row]
    }
  }
}
