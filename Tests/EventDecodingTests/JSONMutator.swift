/// Documents with faults in them, and without: seeded, and without allocating, so that a test can look at a million.
struct JSONMutator: ~Copyable {
  private static let documents = [
    #"{"id":"evt-1","amount":110.15,"items":[{"price":1.5,"qty":2},{"price":-3e5,"qty":0}],"tags":["a","b\n\u00e9","\ud83d\ude00"],"#
      + #""ok":true,"no":false,"nil":null,"nested":{"a":{"b":{"c":[1,2,[3,[4]]]}}}}"#,
    "[1,2.5,-0,1e10,123456789012345678,18446744073709551615,-9223372036854775808,0.1e-5]",
    #" { "a" : 1 , "a" : [ ] , "b" : { "c":1 } , "" : "" } "#, #""just a string \" \\ \/ \b""#, "12345", "true", "null", "[]", "{}",
    #"{"\u0061":1,"pixels":[1,2,3,0.5]}"#, #"{"pixels":[1,2.5,3e2],"pixels":[0.25,1,"x"],"b":{"c":"\\"}}"#,
    #"{"k":"日本語 ünïcode 😀","v":[[[[[[]]]]]]}"#, "[0.12345678901234567,1.7976931348623157e308,5e-324,1e99,12345678.12345678]",
    #"{"items":[[],{"price":"12"}],"items":{"price":1},"ok":1.0,"k":[true,null,{"x":[{}]}]}"#,
  ].map { Array($0.utf8) }
  private static let fragments =
    [
      "\"", "\\", "{", "}", "[", "]", ",", ":", "\\u", "\\ud800", "\\udc00", "\u{FEFF}", "0", "-", "1e999", "1.", "e", "E+", "true", "nul",
      "null",
      "99999999999999999999", " ", "\n", "\t", "\u{0}", "\u{1}", "\"a\":1,", "\"a\":{},", "\"amount\":", "//", "00", ".5", "-0", "\\u0061",
      "\\uD83D\\uDE00", "[[[[", "]]]]", ",\"pixels\":[1]", "é", "😀",
    ].map { Array($0.utf8) } + [[0xFF], [0xC3], [0xED, 0xA0, 0x80], [0x80]]

  private var generator: SeededGenerator
  private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 4096, alignment: 16)
  private var count = 0

  init(seed: UInt64) {
    generator = SeededGenerator(seed: seed)
  }

  deinit {
    buffer.deallocate()
  }

  /// The next document; valid until the one after it.
  mutating func next() -> UnsafeRawBufferPointer {
    let document = Self.documents[random(Self.documents.count)]
    count = document.count
    document.withUnsafeBytes { buffer.copyMemory(from: $0) }
    for _ in 0..<random(4) { mutate() }
    return UnsafeRawBufferPointer(rebasing: buffer[..<count])
  }

  private mutating func random(_ bound: Int) -> Int {
    Int(generator.next() % UInt64(bound))
  }

  private mutating func mutate() {
    let place = random(count + 1)
    switch random(6) {
    case 0 where place < count: buffer[place] = UInt8(truncatingIfNeeded: generator.next())
    case 1: replace(place, min(count, place + 1 + random(5)), with: UnsafeRawBufferPointer(start: nil, count: 0))
    case 2: insert(Self.fragments[random(Self.fragments.count)], at: place)
    case 3:
      let other = Self.documents[random(Self.documents.count)]
      let start = random(other.count)
      insert(Array(other[start..<min(other.count, start + random(20))]), at: place)
    case 4 where place < count: buffer.swapAt(place, random(count))
    case 5 where random(3) == 0: count = place
    default: insert([UInt8(ascii: "0") + UInt8(random(10))], at: place)
    }
  }

  private mutating func insert(_ bytes: [UInt8], at place: Int) {
    bytes.withUnsafeBytes { replace(place, place, with: $0) }
  }

  private mutating func replace(_ start: Int, _ end: Int, with bytes: UnsafeRawBufferPointer) {
    guard let base = buffer.baseAddress, count + bytes.count <= buffer.count else { return }
    (base + start + bytes.count).copyMemory(from: base + end, byteCount: count - end)
    if let source = bytes.baseAddress { (base + start).copyMemory(from: source, byteCount: bytes.count) }
    count += bytes.count - (end - start)
  }
}
