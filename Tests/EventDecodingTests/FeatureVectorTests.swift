import Testing

@testable import CEL
@testable import EventDecoding

@Suite struct FeatureVectorTests {
  private func rig(
    _ encoding: FeatureVector.Encoding, _ type: FeatureType = .float32, length: Int = 3, missing: MissingPolicy = .error,
    source: String = "event.v"
  ) throws -> DecoderRig {
    try DecoderRig(features: [
      DecoderRig.Feature(source, type, missing: missing, vector: FeatureVector(length: length, encoding: encoding), name: "v"),
      DecoderRig.Feature("event.after", missing: .number(9)),
    ])
  }

  private func decoded(_ json: String, _ rig: DecoderRig) -> String {
    rig.decode("{\"v\":\(json),\"after\":5}").first?.replacing("feature: feature 'v' (event.v): ", with: "") ?? ""
  }

  @Test func `an array of numbers fills its block, whatever the type`() throws {
    #expect(decoded("[1,2.5,-3e2]", try rig(.array)) == "1.0 2.5 -300.0")
    #expect(decoded("[ 0.1 , 2 , 3 ]", try rig(.array, .float64)) == "0.1 2.0 3.0")
    #expect(decoded("[1,2.0,-2147483648]", try rig(.array, .int32)) == "1 2 -2147483648")
    #expect(decoded("[9223372036854775807,0,-1]", try rig(.array, .int64)) == "9223372036854775807 0 -1")
  }

  @Test func `784 numbers of an image are the same as read one by one`() throws {
    var generator = SeededGenerator(seed: 5)
    let numbers = (0..<784).map { _ in Float.random(in: 0...1, using: &generator) }
    let rig = try rig(.array, length: 784)
    let json = "[\(numbers.map { "\($0)" }.joined(separator: ","))]"
    #expect(decoded(json, rig) == numbers.map { "\($0)" }.joined(separator: " "))
  }

  @Test(arguments: [
    ("[1,2]", "expected 3 numbers, found 2"), ("[]", "expected 3 numbers, found 0"), ("[1,2,3,4]", "expected 3 numbers, found 4"),
    ("[1,\"2\",3]", "expected 3 numbers, found a string at index 1"), ("[1,2,null]", "expected 3 numbers, found null at index 2"),
    ("[[1,2,3]]", "expected 3 numbers, found an array at index 0"), ("[true,2,3]", "expected 3 numbers, found true at index 0"),
    ("[1,{},3]", "expected 3 numbers, found an object at index 1"),
    ("[1,1e39,3]", "the number at index 1 does not fit float32 (±3.4028235e38)"),
    ("[1,1e39,\"x\"]", "the number at index 1 does not fit float32 (±3.4028235e38)"),
    ("\"1,2,3\"", "expected an array of 3 numbers, found the string \"1,2,3\""),
    ("7", "expected an array of 3 numbers, found the number 7"),
    ("{}", "expected an array of 3 numbers, found an object"),
  ])
  func `an array that does not fit is a fault that says how`(json: String, expected: String) throws {
    #expect(decoded(json, try rig(.array)) == expected)
  }

  @Test func `an array that is no JSON is a fault of the payload`() throws {
    #expect(
      decoded("[1,2,03]", try rig(.array)) == "json: the payload is not valid JSON: byte 10: expected a number as JSON writes it, found 03")
    #expect(decoded("[1,2 3]", try rig(.array)) == "json: the payload is not valid JSON: byte 10: expected ',' or ']', found 3")
    #expect(decoded("[1,\"\\x\"]", try rig(.array)).hasPrefix("json: "))
    #expect(decoded("[5.5,1,2]", try rig(.array, .int32)) == "the number at index 0 does not fit int32 (-2147483648…2147483647)")
  }

  @Test func `an array that is missing follows the policy, and so does null in it`() throws {
    #expect(decoded("null", try rig(.array)) == "feature: feature 'v' (event.v) is null")
    #expect(decoded("null", try rig(.array, missing: .nan)) == "nan nan nan")
    #expect(decoded("[1,null,3]", try rig(.array, missing: .nan)) == "1.0 nan 3.0")
    #expect(decoded("[1,null,3]", try rig(.array, .int64, missing: .number(-1))) == "1 -1 3")
    #expect(decoded("[1,nulL,3]", try rig(.array, missing: .nan)).hasPrefix("json: "))
    #expect(try rig(.csv, missing: .number(0)).decode("{}") == ["0.0 0.0 0.0", "9.0"])
  }

  @Test func `the last of equal keys fills the block`() throws {
    let rig = try rig(.array)
    #expect(rig.decode(#"{"v":[1,2,3],"v":[4,5,6]}"#) == ["4.0 5.0 6.0", "9.0"])
    #expect(rig.decode(#"{"v":[1,2,3],"v":null}"#) == ["feature: feature 'v' (event.v) is null"])
    #expect(rig.decode(#"{"v":["x"],"v":[4,5,6]}"#) == ["4.0 5.0 6.0", "9.0"])
  }

  @Test func `an array may be read as a vector and element by element`() throws {
    let rig = try DecoderRig(features: [
      DecoderRig.Feature("event.v", vector: FeatureVector(length: 2)), DecoderRig.Feature("event.v[1]"),
      DecoderRig.Feature("size(event.v)"),
      DecoderRig.Feature("event.v", .int64, vector: FeatureVector(length: 2)),
    ])
    #expect(rig.decode(#"{"v":[7,8]}"#) == ["7.0 8.0", "8.0", "2.0", "7 8"])
    #expect(rig.decode(#"{"v":[7,"x"]}"#).first?.hasSuffix("found a string at index 1") == true)
  }

  @Test func `numbers with commas between fill a block`() throws {
    #expect(decoded(#""1, 2.5 ,-3e2""#, try rig(.csv)) == "1.0 2.5 -300.0")
    #expect(decoded(#""\u0031,2,3""#, try rig(.csv, .int64)) == "1 2 3")
    #expect(decoded(#""1,2""#, try rig(.csv)) == "expected 3 numbers, found 2")
    #expect(decoded(#""""#, try rig(.csv)) == "expected 3 numbers, found 0")
    #expect(decoded(#""1,2,3,4""#, try rig(.csv)) == "expected 3 numbers, found 4")
    #expect(decoded(#""1,1e39,2""#, try rig(.csv)) == "the number at index 1 does not fit float32 (±3.4028235e38)")
    #expect(decoded(#""1,1e999,2""#, try rig(.csv, .float64)).hasPrefix("the number at index 1 does not fit float64"))
    for text in ["1,,3", "1,2,", ",1,2", "1;2;3", "1,x,3", "1,2 2,3", "1,[2],3", "1,nan,3", "1,\(String(repeating: "1", count: 200)),3"] {
      #expect(
        decoded("\"\(text)\"", try rig(.csv)).hasPrefix("expected numbers with commas between, found something else at index"), "\(text)")
    }
    #expect(decoded("[1,2,3]", try rig(.csv)) == "expected a string of csv, found an array")
  }

  @Test func `base64 of little-endian float32 fills a block`() throws {
    // 1, -2.5 and NaN.
    #expect(decoded(#""AACAPwAAIMAAAMB/""#, try rig(.base64)) == "1.0 -2.5 nan")
    #expect(decoded(#""AACAPwAAIMAAAMB_""#, try rig(.base64, .float64)) == "1.0 -2.5 nan")
    #expect(decoded(#""AACAPw==""#, try rig(.base64, length: 1)) == "1.0")
    #expect(decoded(#""AACAPw""#, try rig(.base64, length: 1)) == "1.0")
    #expect(decoded(#""AACAPw==""#, try rig(.base64)) == "expected 3 float32 values in 12 bytes, found 4 bytes")
    #expect(decoded(#""AACAPwAAIMAAAMB/AAAA""#, try rig(.base64)) == "expected 3 float32 values in 12 bytes, found 15 bytes")
    for text in ["AACAP", "AACA*w==", "=AACAPw=", "AACAPw=", "AAC APw=="] {
      #expect(decoded("\"\(text)\"", try rig(.base64, length: 1)) == "expected base64, found \"\(text)\"")
    }
    #expect(decoded("5", try rig(.base64, length: 1)) == "expected a string of base64, found the number 5")
  }

  @Test func `base64 reads back what any encoder writes`() throws {
    var generator = SeededGenerator(seed: 11)
    for length in 1...40 {
      let numbers = (0..<length).map { _ in Float.random(in: -1e6...1e6, using: &generator) }
      let text = Base64.encode(numbers.flatMap { number in withUnsafeBytes(of: number.bitPattern.littleEndian) { Array($0) } })
      #expect(decoded("\"\(text)\"", try rig(.base64, length: length)) == numbers.map { "\($0)" }.joined(separator: " "))
    }
  }

  @Test func `a vector may come from any expression`() throws {
    #expect(try rig(.csv, source: "headers['v']").decode("{}", headers: [("v", "1,2,3")]) == ["1.0 2.0 3.0", "9.0"])
    #expect(try rig(.array, source: "event.v.map(x, x * 2.0)").decode(#"{"v":[1.5,2,3]}"#) == ["3.0 4.0 6.0", "9.0"])
    #expect(try rig(.base64, length: 1, source: "b'\\000\\000\\200?'").decode("{}") == ["1.0", "9.0"])
    #expect(
      try rig(.array, source: "event.v.map(x, x)").decode(#"{"v":[1,"2",3]}"#).first?.hasSuffix(
        "expected 3 numbers, found the string \"2\" at index 1") == true)
    #expect(try rig(.array, source: "[1, 2]").decode("{}").first?.hasSuffix("expected 3 numbers, found 2") == true)
    #expect(try rig(.array, missing: .nan, source: "event.v.map(x, x)").decode("{}") == ["nan nan nan", "9.0"])
  }
}
