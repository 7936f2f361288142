import CELFields
import JSONFields
import Testing

@testable import CEL
@testable import EventDecoding

@Suite struct JSONMutationTests {
  static let paths = [
    "event.amount", "event.items[1].price", "event.items[0]", "event.a", "event.nested.a.b.c[2][0]", "event.nested.a", "event[0]",
    "event[4]",
    "event.tags[2]", "event.ok", "event.b.c", "event.pixels[1]", "event.k", "event['']",
  ]

  /// Extractors for the same paths, and one document for reference.
  private struct Rig {
    let plan: FieldPlan
    let extractor: FieldExtractor
    let vectors: FieldExtractor

    init() throws {
      var plan = FieldPlan()
      for path in JSONMutationTests.paths { _ = try Expression(path, fields: &plan) }
      let pixels = plan.slot(for: FieldPath([.key("pixels")]))
      self.plan = plan
      extractor = try FieldExtractor(plan)
      vectors = try FieldExtractor(
        plan, vectors: [FieldExtractor.VectorRequest(slot: pixels, element: MR_FLOAT32, length: 3, nullValue: nil)],
        document: JSONDocument())
    }
  }

  @Test(arguments: [1, 2] as [UInt64])
  func `half a million mutated documents each are valid when simdjson or the grammar says so`(seed: UInt64) throws {
    let rig = try Rig()
    var mutator = JSONMutator(seed: seed)
    var (validCount, unreadableCount) = (0, 0)
    for round in 0..<500_000 {
      let payload = mutator.next()
      var expected = mr_dom_accepts(payload.baseAddress?.assumingMemoryBound(to: UInt8.self), payload.count)
      // It refuses numbers and strings that JSON allows.
      if !expected, JSONGrammar.accepts(payload) {
        expected = true
        unreadableCount += 1
      }
      let extractor = round % 2 == 0 ? rig.extractor : rig.vectors
      let isValid = extractor.extract(payload, validating: true) == nil
      if isValid != expected {
        Issue.record(
          "seed \(seed), document \(round): expected \(expected), not \(isValid): \(String(decoding: payload, as: UTF8.self))")
      }
      if isValid { validCount += 1 }
    }
    #expect(unreadableCount > 3_000, "too few documents hold what can't be read")
    #expect(validCount > 100_000, "too few documents are valid for the test to say much")
    #expect(validCount < 400_000, "too few documents are invalid for the test to say much")
  }

  @Test(arguments: [3] as [UInt64])
  func `the fields of a valid document are those of its value, however it is read`(seed: UInt64) throws {
    let rig = try Rig()
    let other = try FieldExtractor(rig.plan)
    var mutator = JSONMutator(seed: seed)
    var validCount = 0
    for round in 0..<40_000 {
      let payload = mutator.next()
      let skipped = other.extract(payload, validating: false)
      guard rig.vectors.extract(payload, validating: true) == nil else { continue }
      validCount += 1
      #expect(skipped == nil)
      let value = try #require(JSONValues.value(payload.bindMemory(to: UInt8.self)))
      let reference = EventFields(rig.plan, of: value)
      for slot in 0..<rig.plan.count {
        let found = Self.text(rig.vectors.fields + slot)
        guard found == Self.text(other.fields + slot), found == Self.text(reference.fields + slot) else {
          Issue.record(
            """
            seed \(seed), document \(round), \(rig.plan.paths[slot]): found \(found), skipping \(Self.text(other.fields + slot)), \
            expected \(Self.text(reference.fields + slot)): \(String(decoding: payload, as: UTF8.self))
            """)
          return
        }
      }
    }
    #expect(validCount > 8_000)
  }

  /// Containers by what they hold: their text may be spaced in many ways.
  private static func text(_ field: UnsafePointer<cel_field>) -> String {
    switch Int32(field.pointee.kind) {
    case FieldKind.list, FieldKind.map: JSONValues.value(field.pointee).flatMap { try? $0.json() } ?? "invalid"
    default: describe(field)
    }
  }
}
