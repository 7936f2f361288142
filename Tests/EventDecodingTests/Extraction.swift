import CELFields
import JSONFields
import Testing

@testable import CEL
@testable import EventDecoding

/// What an extractor finds at paths, in words: `int 5`, `string a"b`, `array [1, 2]`, `absent`; or the fault.
func extract(_ json: some Collection<UInt8>, _ paths: [String], validating: Bool = true) throws -> [String] {
  var plan = FieldPlan()
  for path in paths { _ = try Expression(path, fields: &plan) }
  return extract(json, with: try FieldExtractor(plan), plan, validating: validating)
}

func extract(_ json: String, _ paths: [String], validating: Bool = true) throws -> [String] {
  try extract(Array(json.utf8), paths, validating: validating)
}

func extract(
  _ json: some Collection<UInt8>, with extractor: FieldExtractor, _ plan: FieldPlan, validating: Bool = true
) -> [String] {
  // Memory that ends where the payload does, so that a memory checker sees whatever reads on.
  let payload = UnsafeMutableRawBufferPointer.allocate(byteCount: json.count, alignment: 1)
  defer { payload.deallocate() }
  payload.copyBytes(from: json)
  if let fault = extractor.extract(UnsafeRawBufferPointer(payload), validating: validating) { return ["fault: \(fault)"] }
  return (0..<plan.count).map { describe(extractor.fields + $0) }
}

func describe(_ field: UnsafePointer<cel_field>) -> String {
  // Of an absent field the pointers mean nothing.
  var raw: String {
    String(decoding: UnsafeBufferPointer(start: field.pointee.raw, count: field.pointee.raw_length), as: UTF8.self)
  }
  switch Int32(field.pointee.kind) {
  case FieldKind.absent: return "absent"
  case FieldKind.null, FieldKind.true, FieldKind.false: return raw
  case FieldKind.int: return "int \(field.pointee.integer)"
  case FieldKind.uint: return "uint \(field.pointee.uinteger)"
  case FieldKind.double: return "double \(field.pointee.real)"
  case FieldKind.string:
    return "string " + String(decoding: UnsafeBufferPointer(start: field.pointee.text, count: field.pointee.text_length), as: UTF8.self)
  case FieldKind.list: return "array \(raw)"
  case FieldKind.unreadable: return "unreadable \(raw)"
  default: return "object \(raw)"
  }
}

/// The fault that a payload has, without the words that all share.
func fault(_ json: some Collection<UInt8>, validating: Bool = true) throws -> String {
  let found = try extract(json, ["event.a"], validating: validating)
  return (found.first ?? "").replacing("fault: the payload is not valid JSON: ", with: "")
}

func fault(_ json: String) throws -> String {
  try fault(Array(json.utf8))
}
