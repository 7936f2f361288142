/// Made-up rows, the same each time.
struct ProbeRows {
  /// What rows are made of, in the order in which they are tried: a model may look numbers up in a table, and fail with those that
  /// are not in it.
  enum Values: CaseIterable {
    /// Floats of several sizes, the first and third row's positive; whole numbers from 0 to 3, and texts that are such numbers.
    case spread
    /// Floats from 0 to 1; whole numbers 0 and 1, and texts of a letter.
    case small
    case ones
    /// Empty texts among them.
    case zeros
  }

  let seed: UInt64

  func fill(_ tensors: InputTensors, row: Int, _ values: Values) {
    // Whole numbers differ from one row to the next in every column, however few there are of them.
    var column = Congruential(state: seed)
    var own = Congruential(state: seed &+ UInt64(row + 1) << 32)
    for (input, spec) in tensors.specs.enumerated() {
      let block = tensors.block(input)
      for index in 0..<block.width {
        let (fraction, offset) = (Double(own.next(1 << 16)) / 65536, column.next(4))
        let cell = block.base + row * block.rowStride + index * block.elementType.byteWidth
        let whole = Self.whole(offset + row, values)
        switch spec.elementType {
        case .float32: cell.storeBytes(of: Float(Self.float(fraction, row, values)), as: Float.self)
        case .float64: cell.storeBytes(of: Self.float(fraction, row, values), as: Double.self)
        case .int64: cell.storeBytes(of: Int64(whole), as: Int64.self)
        case .int32: cell.storeBytes(of: Int32(whole), as: Int32.self)
        case .bool: cell.storeBytes(of: UInt8(whole % 2), as: UInt8.self)
        case .string:
          let text = values == .zeros ? "" : values == .small ? (whole == 0 ? "a" : "b") : "\(whole)"
          Array(text.utf8).withUnsafeBytes { tensors.setString(input: input, row: row, column: index, $0) }
        }
      }
    }
  }

  private static func whole(_ number: Int, _ values: Values) -> Int {
    switch values {
    case .spread: number % 4
    case .small: number % 2
    case .ones: 1
    case .zeros: 0
    }
  }

  private static func float(_ fraction: Double, _ row: Int, _ values: Values) -> Double {
    switch values {
    case .spread:
      switch row % 5 {
      case 0: fraction
      case 1: 2 * fraction - 1
      case 2: 8 * fraction
      case 3: 8 * fraction - 4
      default: 100 * fraction
      }
    case .small: fraction
    case .ones: 1
    case .zeros: 0
    }
  }
}

extension InputTensors {
  /// Whether two rows are the same in every input, bit for bit.
  func hasEqualRows(_ one: Int, _ other: Int) -> Bool {
    blocks.indices.allSatisfy { input in
      let block = blocks[input]
      if block.elementType == .string {
        return (0..<block.width).allSatisfy { column in
          string(input: input, row: one, column: column).elementsEqual(string(input: input, row: other, column: column))
        }
      }
      func bytes(_ row: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: block.base + row * block.rowStride, count: block.rowStride)
      }
      return bytes(one).elementsEqual(bytes(other))
    }
  }
}
