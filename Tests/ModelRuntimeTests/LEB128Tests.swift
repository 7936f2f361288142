import Testing

@testable import ModelRuntime

@Suite struct LEB128Tests {
  @Test(arguments: [0, 1, 127, 128, 300, 16383, 16384, 1 << 32, 1 << 63, .max] as [UInt64])
  func numbersComeBackAndLeaveWhatFollows(number: UInt64) {
    var bytes: [UInt8] = [0xFF]
    LEB128.append(number, to: &bytes)
    #expect(bytes.count == 1 + LEB128.length(of: number))
    bytes.append(0x05)
    bytes.withUnsafeBytes { bytes in
      var position = 1
      #expect(LEB128.read(bytes, at: &position) == number)
      #expect(LEB128.read(bytes, at: &position) == 5)
      #expect(LEB128.read(bytes, at: &position) == nil)
    }
  }

  @Test func isWrittenAsInTheDescriptionOfProtobuf() {
    var bytes: [UInt8] = []
    LEB128.append(150, to: &bytes)
    #expect(bytes == [0x96, 0x01])
  }

  @Test(arguments: [[0x80], [UInt8](repeating: 0x80, count: 9) + [2], [UInt8](repeating: 0x80, count: 10) + [1]] as [[UInt8]])
  func whatEndsTooEarlyOrHasMoreThan64BitsIsNoNumber(bytes: [UInt8]) {
    bytes.withUnsafeBytes { bytes in
      var position = 0
      #expect(LEB128.read(bytes, at: &position) == nil)
    }
  }
}
