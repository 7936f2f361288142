import Testing

@testable import ModelRuntime

@Suite struct InputTensorsTests {
  static let specs = [
    TensorSpec(name: "floats", elementType: .float32, shape: [nil, 3]),
    TensorSpec(name: "words", elementType: .string, shape: [nil, 2]),
    TensorSpec(name: "flag", elementType: .bool, shape: [nil]),
    TensorSpec(name: "wide", elementType: .int64, shape: [nil, 2, 4]),
  ]

  @Test func rowsTouchInAlignedBlocksThatStartAtZero() {
    let tensors = InputTensors(Self.specs, capacity: 10)
    #expect(tensors.blocks.map(\.width) == [3, 2, 1, 8])
    #expect([0, 2, 3].map { tensors.block($0).rowStride } == [12, 1, 64])
    for input in 0..<4 { #expect(Int(bitPattern: tensors.block(input).base) % 64 == 0) }
    let floats = tensors.block(0).base.assumingMemoryBound(to: Float.self)
    #expect((0..<30).allSatisfy { floats[$0] == 0 })
    #expect(tensors.text(input: 1, row: 9, column: 1) == "")
  }

  @Test func aCopiedRowEqualsItsSourceInEveryInputAndStaysApart() {
    let tensors = InputTensors(Self.specs, capacity: 4)
    tensors.set(1.5, input: 0, row: 1, column: 2)
    tensors.setString(input: 1, row: 1, column: 0, "first")
    tensors.setString(input: 1, row: 1, column: 1, String(repeating: "long", count: 50))
    tensors.set(.bool(true), input: 2, row: 1, column: 0)
    tensors.setInteger(Int64.min, input: 3, row: 1, column: 7)
    tensors.copyRow(from: 1, to: 3)
    tensors.copyRow(from: 3, to: 3)
    tensors.setString(input: 1, row: 1, column: 0, "changed")
    #expect((tensors.block(0).base + 3 * 12 + 8).load(as: Float.self) == 1.5)
    #expect(tensors.text(input: 1, row: 3, column: 0) == "first")
    #expect(tensors.text(input: 1, row: 3, column: 1).count == 200)
    #expect((tensors.block(2).base + 3).load(as: UInt8.self) == 1)
    #expect((tensors.block(3).base + 3 * 64 + 56).load(as: Int64.self) == .min)
    #expect(tensors.text(input: 1, row: 1, column: 0) == "changed")
  }

  @Test func stringsAreStoredThroughTheAddressOfTheirCell() {
    let tensors = InputTensors(Self.specs, capacity: 2)
    let block = tensors.block(1)
    let cell = block.base + 1 * block.rowStride + 1 * block.elementType.byteWidth
    Array("via address".utf8).withUnsafeBytes { InputTensors.storeString(cell, $0.baseAddress, $0.count) }
    #expect(tensors.text(input: 1, row: 1, column: 1) == "via address")
    InputTensors.storeString(cell, nil, 0)
    #expect(tensors.text(input: 1, row: 1, column: 1) == "")
  }

  @Test func aCellKeepsAUsualBufferAndGivesAHugeOneBack() {
    var cell = StringCell()
    defer { cell.free() }
    func store(_ count: Int) { Array(repeating: UInt8(7), count: count).withUnsafeBytes { cell.store($0) } }
    store(1000)
    let kept = cell.base
    store(10)
    store(900)
    #expect(cell.base == kept)
    store(1 << 20)
    #expect(cell.capacity >= 1 << 20)
    store(10)
    #expect(cell.capacity < StringCell.keptCapacity)
    #expect(Array(cell.bytes) == Array(repeating: 7, count: 10))
  }
}
