import CEL
import Testing

/// The language alone: variables are declared, values go in, and a value comes out.
@Suite struct StandaloneExpressionTests {
  private static let variables = Variables(["user": .map, "limit": .int, "tags": .list, "name": .dyn])
  private static let user = Value.map(
    ValueMap(members: [("name", .string("Ada")), ("age", .int(36)), ("seen", .timestamp(Timestamp(milliseconds: 1_700_000_000_000)!))]))

  private func evaluate(_ source: String, _ values: [String: Value] = [:]) throws -> String {
    let expression = try CEL.Expression(source, variables: Self.variables)
    switch expression.evaluate(values) {
    case .success(let value): return try value.json()
    case .failure(let fault): return expression.describe(fault)
    }
  }

  @Test func valuesGoInAndAValueComesOut() throws {
    let values: [String: Value] = ["user": Self.user, "limit": .int(18), "tags": .list([.string("a"), .string("b")]), "name": .null]
    for (source, expected) in [
      ("user.age >= limit && user.name.startsWith('A')", "true"), ("user['age'] + limit", "54"), ("tags.map(t, t + '!')", #"["a!","b!"]"#),
      ("user.seen.getFullYear()", "2023"), ("name == null ? 'nobody' : name", #""nobody""#), ("user.?email.orValue('none')", #""none""#),
      ("has(user.age) && !has(user.email)", "true"), ("'b' in tags && limit in [17, 18]", "true"), ("size(user)", "3"),
      ("tags[1].matches('^[a-c]$')", "true"), ("limit > 17.5", "true"),
    ] {
      #expect(try evaluate(source, values) == expected, "\(source)")
    }
  }

  @Test func whatFailsNamesItsPlace() throws {
    #expect(try evaluate("user.email", ["user": Self.user]) == #"column 6: no such key: "email""#)
    #expect(try evaluate("limit / 0", ["limit": .int(1)]) == "column 7: division by zero")
  }

  @Test func aVariableHasToBeGivenWithItsType() throws {
    #expect(try evaluate("limit > 1") == "no value was given for 'limit'")
    #expect(try evaluate("limit > 1", ["limit": .string("1")]) == "'limit' is an int, and a string was given")
    #expect(try evaluate("limit > 1", ["limit": .double(1.5)]) == "'limit' is an int, and a double was given")
    // What nobody reads may be missing.
    #expect(try evaluate("1 + 1") == "2")
  }

  @Test func onlyDeclaredVariablesAreKnown() throws {
    #expect(throws: ExpressionError.self) { try CEL.Expression("event.a", variables: Self.variables) }
    let error = #expect(throws: ExpressionError.self) { try CEL.Expression("usr.age", variables: Self.variables) }
    #expect(error?.description == "column 1: unknown name 'usr': did you mean 'user'?")
    let none = #expect(throws: ExpressionError.self) { try CEL.Expression("x") }
    #expect(none?.description == "column 1: unknown name 'x'")
  }

  @Test func typesAreCheckedBeforeThereAreValues() throws {
    #expect(throws: ExpressionError.self) { try CEL.Expression("limit.startsWith('a')", variables: Self.variables) }
    #expect(throws: ExpressionError.self) { try CEL.Expression("limit + 1", variables: Self.variables, expecting: .bool) }
    #expect(try CEL.Expression("limit + 1", variables: Self.variables).type == .int)
    #expect(try CEL.Expression("1 + 1").constant.map { try $0.json() } == "2")
    #expect(try CEL.Expression("limit > 1", variables: Self.variables).reads("limit"))
    #expect(try !CEL.Expression("limit > 1", variables: Self.variables).reads("user"))
  }

  @Test func oneExpressionServesManyThreads() async throws {
    let expression = try CEL.Expression("limit * 2", variables: Self.variables)
    let results = await withTaskGroup(of: String?.self, returning: [String?].self) { group in
      for number in 0..<64 {
        group.addTask { try? expression.evaluate(["limit": .int(Int64(number))]).get().json() }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(Set(results.compactMap(\.self)) == Set((0..<64).map { "\($0 * 2)" }))
  }
}
