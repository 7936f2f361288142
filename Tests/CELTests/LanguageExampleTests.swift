import CEL
import Foundation
import Testing

// docs/how-to/embed.md shows what stands between the marks, to the letter.

// begin example: language
struct Discount {
  private static let variables = Variables(["user": .map, "limit": .int])
  private let rule: Expression

  /// - Throws: `ExpressionError`, with line and column.
  init(_ source: String) throws {
    rule = try Expression(source, variables: Self.variables, expecting: .bool)
  }

  func applies(to user: [(key: String, value: Value)], limit: Int64) throws -> Bool {
    switch rule.evaluate(["user": .map(ValueMap(members: user)), "limit": .int(limit)]) {
    case .success(.bool(let flag)): return flag
    case .success: return false
    case .failure(let fault): throw fault
    }
  }
}
// end example

@Suite struct LanguageExampleTests {
  @Test func theExampleDoesWhatItSays() throws {
    let discount = try Discount("user.age >= limit && user.name.startsWith('A')")
    #expect(try discount.applies(to: [("name", .string("Ada")), ("age", .int(36))], limit: 18))
    #expect(try !discount.applies(to: [("name", .string("Ada")), ("age", .int(12))], limit: 18))
    #expect(throws: EvaluationFault.self) { try discount.applies(to: [("name", .string("Ada"))], limit: 18) }
    #expect(throws: ExpressionError.self) { try Discount("usr.age >= limit") }
  }

  @Test func thePageShowsThisFile() throws {
    let root = URL(filePath: #filePath).appending(path: "../../..").standardized
    let page = try String(contentsOf: root.appending(path: "docs/how-to/embed.md"), encoding: .utf8)
    let source = try String(contentsOf: URL(filePath: #filePath), encoding: .utf8)
    let examples = source.matches(of: #/(?s)// begin example: \w+\n(.*?)// end example/#).map(\.1)
    #expect(examples.count == 1)
    for example in examples { #expect(page.contains("\n\(example)```")) }
  }
}
