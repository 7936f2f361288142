/// One input of a batch: where its rows lie.
@frozen
public struct InputBlock {
  /// The first element of row 0, 64-byte aligned.
  public let base: UnsafeMutableRawPointer
  /// Bytes from one row to the next: rows touch.
  public let rowStride: Int
  /// The type of the elements.
  public let elementType: ElementType
  /// Elements a row.
  public let width: Int
}

/// The rows of a batch before they are scored: one row-major block per model input, in memory that never moves.
/// Made once per worker and written over and over. Used from one thread at a time.
public final class InputTensors {
  /// The model's inputs, in its order, each of known width.
  public let specs: [TensorSpec]
  /// Rows there is room for.
  public let capacity: Int
  /// One block for each input of the model, in its order.
  public let blocks: [InputBlock]

  /// - Precondition: `capacity` is positive and every spec has a known width (see ``TensorSpec/withWidth(_:)``).
  public init(_ specs: [TensorSpec], capacity: Int) {
    precondition(capacity > 0, "a batch has at least one row")
    self.specs = specs
    self.capacity = capacity
    blocks = specs.map { spec in
      guard let width = spec.width else { preconditionFailure("input \(spec) has rows of unknown width") }
      let rowStride = width * spec.elementType.byteWidth
      let bytes = max(rowStride * capacity, 1)
      let base = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
      if spec.elementType == .string {
        base.initializeMemory(as: StringCell.self, repeating: StringCell(), count: width * capacity)
      } else {
        base.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
      }
      return InputBlock(base: base, rowStride: rowStride, elementType: spec.elementType, width: width)
    }
  }

  deinit {
    for block in blocks {
      if block.elementType == .string { forEachCell(of: block) { $0.free() } }
      block.base.deallocate()
    }
  }

  /// Where the rows of an input lie. Hot loops ask once and keep the answer.
  public func block(_ input: Int) -> InputBlock { blocks[input] }

  /// Stores a string element; the bytes (UTF-8) are copied.
  public func setString(input: Int, row: Int, column: Int, _ bytes: UnsafeRawBufferPointer) {
    cell(input: input, row: row, column: column).pointee.store(bytes)
  }

  /// A string element, as UTF-8; readable until the element is stored again.
  public func string(input: Int, row: Int, column: Int) -> UnsafeRawBufferPointer {
    cell(input: input, row: row, column: column).pointee.bytes
  }

  /// Stores a string in the cell at an address within a string block: `base + row * rowStride + column * byteWidth`.
  /// For writers that know a block only as memory.
  public static let storeString: @convention(c) (_ cell: UnsafeMutableRawPointer, UnsafeRawPointer?, Int) -> Void = {
    $0.assumingMemoryBound(to: StringCell.self).pointee.store(UnsafeRawBufferPointer(start: $1, count: $2))
  }

  /// Makes a row equal to another, in every input.
  public func copyRow(from source: Int, to target: Int) {
    precondition(source >= 0 && source < capacity && target >= 0 && target < capacity, "row out of range")
    if source == target { return }
    for (index, block) in blocks.enumerated() {
      if block.elementType == .string {
        for column in 0..<block.width {
          let bytes = string(input: index, row: source, column: column)
          setString(input: index, row: target, column: column, bytes)
        }
      } else {
        let stride = block.rowStride
        (block.base + target * stride).copyMemory(from: block.base + source * stride, byteCount: stride)
      }
    }
  }

  private func cell(input: Int, row: Int, column: Int) -> UnsafeMutablePointer<StringCell> {
    let block = blocks[input]
    precondition(block.elementType == .string, "input \(input) holds no strings")
    precondition(row >= 0 && row < capacity && column >= 0 && column < block.width, "element out of range")
    return block.base.assumingMemoryBound(to: StringCell.self) + (row * block.width + column)
  }

  private func forEachCell(of block: InputBlock, _ body: (inout StringCell) -> Void) {
    let cells = block.base.assumingMemoryBound(to: StringCell.self)
    for index in 0..<(block.width * capacity) { body(&cells[index]) }
  }
}
