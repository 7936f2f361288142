import CEL
import CELFields
import JSONFields

/// Finds the fields of a plan in payload after payload, in one pass each. One thread's: it learns the order in which keys come.
final class FieldExtractor {
  /// One per slot of the plan: of the payload that was extracted last, until the next one is loaded. The address never changes.
  let fields: UnsafePointer<cel_field>
  /// One per vector, in the order in which they were given.
  let vectors: UnsafePointer<mr_vector>?

  private let document: JSONDocument
  private let plan: OpaquePointer

  /// An array of numbers that is read while the pass is at it.
  struct VectorRequest: Equatable {
    let slot: Int
    let element: mr_element
    let length: Int
    /// What stands for null; nil: null is no number.
    let nullValue: Double?
  }

  convenience init(_ plan: FieldPlan) throws(DecodingFault) {
    try self.init(plan, vectors: [], document: JSONDocument())
  }

  /// - Parameter document: extractors may share one, and then read the same payload one after the other without finding its tokens again.
  init(_ fieldPlan: FieldPlan, vectors requests: [VectorRequest], document: JSONDocument) throws(DecodingFault) {
    guard let plan = mr_plan_create() else { throw Self.noMemory }
    self.plan = plan
    self.document = document
    var complete = true
    for path in fieldPlan.paths { complete = Self.add(path, to: plan) && complete }
    for request in requests { complete = Self.add(request, to: plan) && complete }
    guard complete, mr_plan_finish(plan), let fields = mr_plan_fields(plan) else {
      mr_plan_destroy(plan)
      throw Self.noMemory
    }
    self.fields = fields
    vectors = mr_plan_vectors(plan)
  }

  deinit {
    mr_plan_destroy(plan)
  }

  /// Fills the fields from a payload.
  /// - Parameter validating: the whole payload must be valid JSON. Otherwise only what the plan needs is looked at; the fields of a valid
  ///   payload are the same either way.
  func extract(_ payload: UnsafeRawBufferPointer, validating: Bool) -> DecodingFault? {
    guard document.load(payload), extractLoaded(validating: validating) else { return document.fault(in: payload) }
    return nil
  }

  /// Fills the fields from the payload that the document holds.
  @inline(__always)
  func extractLoaded(validating: Bool) -> Bool {
    document.extract(plan, validating: validating)
  }

  private static var noMemory: DecodingFault { DecodingFault(.outOfMemory) }

  private static func add(_ path: FieldPath, to plan: OpaquePointer) -> Bool {
    // One block for the bytes of all keys, so that the steps can point into it.
    var text: [UInt8] = []
    var lengths: [Int] = []
    for case .key(let key) in path.components {
      text.append(contentsOf: key.utf8)
      lengths.append(key.utf8.count)
    }
    text.append(0)
    return text.withUnsafeBufferPointer { bytes in
      var next = bytes.baseAddress
      var lengths = lengths.makeIterator()
      let steps = path.components.map { component -> mr_step in
        switch component {
        case .index(let index): return mr_step(key: nil, key_length: 0, index: max(0, index))
        case .key:
          let length = lengths.next() ?? 0
          defer { next = next.map { $0 + length } }
          return mr_step(key: next, key_length: length, index: 0)
        }
      }
      return mr_plan_add(plan, steps, steps.count) >= 0
    }
  }

  private static func add(_ request: VectorRequest, to plan: OpaquePointer) -> Bool {
    let slot = Int32(request.slot)
    guard var nullValue = request.nullValue else { return mr_plan_add_vector(plan, slot, request.element, request.length, nil) >= 0 }
    return mr_plan_add_vector(plan, slot, request.element, request.length, &nullValue) >= 0
  }
}
