import Foundation
import Testing

@testable import ModelRuntime

/// The models that Models/make_models.py writes, and what onnxruntime's Python package made of them.
enum TestModels {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Models").path

  static func path(_ name: String) -> String { "\(folder)/\(name).onnx" }

  static func load(_ name: String, version: String? = nil) throws(ModelError) -> ONNXModel {
    try ONNXModel(path: path(name), name: name, version: version)
  }

  /// The message of the error that loading a model ends in.
  static func loadError(_ name: String, sourceLocation: SourceLocation = #_sourceLocation) throws -> ModelError {
    try #require(throws: ModelError.self, sourceLocation: sourceLocation) { try load(name) }
  }

  struct Expectation: Decodable {
    let inputs: [String: [[Cell]]]
    let outputs: [String: [[Cell]]]
  }

  enum Cell: Decodable, Equatable {
    case bool(Bool), integer(Int64), number(Double), text(String)

    init(from decoder: any Decoder) throws {
      let value = try decoder.singleValueContainer()
      if let bool = try? value.decode(Bool.self) {
        self = .bool(bool)
      } else if let integer = try? value.decode(Int64.self) {
        self = .integer(integer)
      } else if let number = try? value.decode(Double.self) {
        self = .number(number)
      } else {
        self = .text(try value.decode(String.self))
      }
    }

    var double: Double {
      switch self {
      case .bool(let bool): bool ? 1 : 0
      case .integer(let integer): Double(integer)
      case .number(let number): number
      case .text: .nan
      }
    }
  }

  static func expectations() throws -> [String: Expectation] {
    let data = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/expected.json"))
    return try JSONDecoder().decode([String: Expectation].self, from: data)
  }
}

extension InputTensors {
  /// A matrix for a model with one input of rank two.
  convenience init(_ model: some Model, capacity: Int, width: Int? = nil) throws {
    try self.init(
      model.signature.inputs.map { try #require($0.withWidth($0.width ?? width ?? 1)) }, capacity: capacity)
  }

  func set(_ cell: TestModels.Cell, input: Int, row: Int, column: Int) {
    let block = block(input)
    let target = block.base + row * block.rowStride + column * block.elementType.byteWidth
    switch (block.elementType, cell) {
    case (.float32, _): target.storeBytes(of: Float(cell.double), as: Float.self)
    case (.float64, _): target.storeBytes(of: cell.double, as: Double.self)
    case (.int64, .integer(let value)): target.storeBytes(of: value, as: Int64.self)
    case (.int32, .integer(let value)): target.storeBytes(of: Int32(value), as: Int32.self)
    case (.bool, .bool(let value)): target.storeBytes(of: value ? 1 : 0, as: UInt8.self)
    case (.string, .text(let text)): setString(input: input, row: row, column: column, text)
    default: Issue.record("\(cell) is no \(block.elementType)")
    }
  }

  func set(_ value: Double, input: Int = 0, row: Int, column: Int = 0) {
    set(.number(value), input: input, row: row, column: column)
  }

  func setInteger(_ value: Int64, input: Int = 0, row: Int, column: Int = 0) {
    set(.integer(value), input: input, row: row, column: column)
  }

  func setString(input: Int, row: Int, column: Int, _ text: String) {
    Array(text.utf8).withUnsafeBytes { setString(input: input, row: row, column: column, $0) }
  }

  func text(input: Int, row: Int, column: Int) -> String {
    String(decoding: string(input: input, row: row, column: column), as: UTF8.self)
  }
}

extension OutputTensor {
  func column(_ column: Int) -> [Double] { (0..<rows).map { double($0, column) } }
}
