import CEL
import Testing

/// What is shown of a fault quotes nothing that came in through a variable; what stands in the expression is no secret.
@Suite struct EvaluationFaultTests {
  private static let variables = Variables(["x": .dyn, "n": .int, "m": .map])

  @Test(arguments: [
    ("int(x)", #""planted" can't be read as int"#, #""…" can't be read as int"#),
    ("timestamp(x)", #""planted" can't be read as timestamp"#, #""…" can't be read as timestamp"#),
    ("int(double(n) * 1e16)", "int(4.711e+19) is out of range", "int(…) is out of range"),
    ("uint(0 - n)", "uint(-4711) is out of range", "uint(…) is out of range"),
    ("m[x]", #"no such key: "planted""#, "no such key: …"), ("m['absent']", #"no such key: "absent""#, #"no such key: "absent""#),
    ("m.absent", #"no such key: "absent""#, #"no such key: "absent""#),
    ("[1][n]", "index 4711 is out of range of a list of 1", "index … is out of range of a list of 1"),
    ("x.charAt(n)", "position 4711 is out of range of the string", "position … is out of range of the string"),
    ("x + 1", "no such overload: string + int", "no such overload: string + int"), ("n / 0", "division by zero", "division by zero"),
    (
      "timestamp('2024-01-01T00:00:00Z').getHours(x)",
      #"unknown time zone "planted": write an offset as +02:00 or a name as Europe/Paris"#,
      #"unknown time zone "…": write an offset as +02:00 or a name as Europe/Paris"#
    ),
    (
      "'a'.matches('(' + x)", "the regular expression is faulty: missing ): (planted", "the regular expression is faulty"
    ),
    ("('%' + x).format([1])", "unknown format clause '%p'", "unknown format clause '%…'"),
  ])
  func valuesOfVariablesAreLeftOut(_ source: String, _ full: String, _ shown: String) throws {
    let expression = try CEL.Expression(source, variables: Self.variables)
    let result = expression.evaluate(["x": .string("planted"), "n": .int(4711), "m": .map(ValueMap(members: []))])
    guard case .failure(let fault) = result else {
      Issue.record("\(source) has a value")
      return
    }
    #expect(fault.description == full)
    #expect(fault.shown == shown)
  }
}
