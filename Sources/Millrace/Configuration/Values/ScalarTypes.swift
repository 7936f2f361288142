import Texts

/// The kinds of scalars that keys take.
extension ConfigurationType {
  /// The JSON Schema of a scalar that may be interpolated: `"${WORKERS}"` stands for an integer, too.
  fileprivate static func orInterpolated(_ schema: OrderedJSON) -> OrderedJSON {
    ["anyOf": [schema, ["type": "string", "pattern": "\\$\\{"]]]
  }
}

extension ConfigurationType where Value == String {
  /// Text of one line that matches a pattern. `rule` says the pattern in words; `isLoose` takes `1.0` as it stands, where YAML
  /// sees a number.
  static func text(_ label: String, matching pattern: String = ".+", rule: String = "a text of one line", isLoose: Bool = false) -> Self {
    var schema: OrderedJSON = ["type": isLoose ? ["string", "number"] : "string"]
    if pattern != ".+" {
      schema = ["anyOf": [["type": "string", "pattern": .string("^(\(pattern))$")], ["type": "string", "pattern": "\\$\\{"]]]
    }
    return ConfigurationType(label: label, schema: schema, show: { .string($0) }) { node, place, reader in
      let help = "write \(rule)"
      guard let scalar = reader.scalar(node, place, expected: "a string", help: help) else { return nil }
      guard scalar.kind == .string || (isLoose && scalar.kind != .bool) else {
        reader.reject(node, place, expected: "a string", help: "quote it: \"\(scalar.text)\"")
        return nil
      }
      guard let expression = try? Regex(pattern), scalar.text.wholeMatch(of: expression) != nil else {
        reader.report("\(place.label) cannot be \(scalar.shown)", at: node.location, help: help)
        return nil
      }
      return scalar.text
    }
  }

  /// A CEL expression, not yet compiled: `true` and `5` are expressions as they stand.
  static let expression = ConfigurationType(
    label: "expression", schema: ["type": ["string", "number", "boolean"]], show: { .string($0) }
  ) { node, place, reader in
    let help = "write an expression, for example event.amount"
    guard let scalar = reader.scalar(node, place, expected: "an expression", help: help) else { return nil }
    guard !scalar.text.allSatisfy(\.isWhitespace) else {
      reader.report("\(place.label) is empty", at: node.location, help: help)
      return nil
    }
    return scalar.text
  }
}

extension ConfigurationType where Value == Int {
  static func integer(_ range: ClosedRange<Int>) -> Self {
    let schema: OrderedJSON = ["type": "integer", "minimum": .number("\(range.lowerBound)"), "maximum": .number("\(range.upperBound)")]
    let allowed = "allowed: \(range.lowerBound) to \(range.upperBound)"
    return ConfigurationType(
      label: "integer, \(range.lowerBound) to \(range.upperBound)", schema: orInterpolated(schema), show: { .number("\($0)") }
    ) { node, place, reader in
      guard let scalar = reader.scalar(node, place, expected: "an integer", help: allowed) else { return nil }
      guard scalar.kind == .integer || scalar.isInterpolated, scalar.text.wholeMatch(of: /[-+]?[0-9]+/) != nil else {
        reader.reject(node, place, expected: "an integer", help: allowed)
        return nil
      }
      guard let value = Int(scalar.text), range.contains(value) else {
        reader.report(
          "\(place.label) is out of range: \(scalar.shownText)", at: node.location, help: allowed)
        return nil
      }
      return value
    }
  }

  /// A size in bytes: `64MiB`.
  static func size(_ range: ClosedRange<Int>) -> Self {
    quantity(.bytes, range, label: "size", wanted: "a size", example: { "\($0)MiB" })
  }

  fileprivate static func quantity(
    _ quantity: Quantity, _ range: ClosedRange<Int>, label: String, wanted: String, example: @escaping @Sendable (String) -> String
  ) -> Self {
    let (low, high) = (quantity.format(range.lowerBound), quantity.format(range.upperBound))
    let allowed = "allowed: \(low) to \(high)"
    return ConfigurationType(
      label: "\(label), \(low) to \(high)", schema: ["type": "string", "pattern": .string("(\(quantity.pattern))|\\$\\{")],
      show: { .string(quantity.format($0)) }
    ) { node, place, reader in
      let units = "write a number and a unit: \(quantity.names)"
      guard let scalar = reader.scalar(node, place, expected: wanted, help: units) else { return nil }
      do throws(Quantity.Fault) {
        let value = try quantity.parse(scalar.text)
        if range.contains(value) { return value }
        reader.report(
          "\(place.label) is out of range: \(scalar.shownText)", at: node.location, help: allowed)
      } catch {
        switch error {
        case .noUnit:
          reader.report(
            "\(place.label) has no unit: \(scalar.shownText)", at: node.location,
            help: "write \(scalar.origin == .secret ? "" : example(scalar.text) + "; ")units: \(quantity.names)")
        case .unknownUnit(let unit) where scalar.origin != .secret:
          let near = Suggestion.nearest(to: unit, in: quantity.units.map(\.name)).map { "did you mean '\($0)'? " } ?? ""
          reader.report("\(place.label) has the unknown unit \(unit.shown)", at: node.location, help: "\(near)units: \(quantity.names)")
        case .tooLarge: reader.report("\(place.label) is out of range: \(scalar.shown)", at: node.location, help: allowed)
        case .notWhole:
          reader.report("\(place.label) is finer than 1\(quantity.units[0].name): \(scalar.shown)", at: node.location, help: allowed)
        case .noNumber, .unknownUnit: reader.reject(node, place, expected: wanted, help: units)
        }
      }
      return nil
    }
  }
}

extension ConfigurationType where Value == Duration {
  /// A duration with its unit: `20ms`.
  static func duration(_ range: ClosedRange<Duration>) -> Self {
    func microseconds(_ duration: Duration) -> Int { Int(duration / .microseconds(1)) }
    let base = ConfigurationType<Int>.quantity(
      .duration, microseconds(range.lowerBound)...microseconds(range.upperBound), label: "duration", wanted: "a duration",
      example: { "\($0)ms" })
    return ConfigurationType(label: base.label, schema: base.schema, show: { .string($0.configured) }) { node, place, reader in
      base.read(node, place, &reader).map { .microseconds($0) }
    }
  }
}

extension ConfigurationType where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
  /// One of a few words.
  static var choice: Self {
    let names = Value.allCases.map(\.rawValue)
    return ConfigurationType(
      label: names.map { "`\($0)`" }.joined(separator: " or "), schema: orInterpolated(["enum": .array(names.map { .string($0) })]),
      show: { .string($0.rawValue) }
    ) { node, place, reader in
      let allowed = "allowed: \(names.joined(separator: ", "))"
      guard let scalar = reader.scalar(node, place, expected: "one of \(names.joined(separator: ", "))", help: allowed) else { return nil }
      if let value = Value(rawValue: scalar.text) { return value }
      let help = Suggestion.nearest(to: scalar.text, in: names).map { "did you mean '\($0)'? " } ?? ""
      reader.report("\(place.label) cannot be \(scalar.shown)", at: node.location, help: help + allowed)
      return nil
    }
  }
}

extension ConfigurationType where Value == ActiveWindow {
  /// Hours of the day at a place: `22:00-06:00 Europe/Tallinn`.
  static let activeWindow = ConfigurationType(
    label: "hours and a time zone",
    schema: orInterpolated(["type": "string", "pattern": "^[0-9]{2}:[0-9]{2}-[0-9]{2}:[0-9]{2} +\\S+$"]),
    show: { .string($0.description) }
  ) { node, place, reader in
    let help = "write hours and a time zone: \"22:00-06:00 Europe/Tallinn\""
    guard let scalar = reader.scalar(node, place, expected: "hours and a time zone", help: help) else { return nil }
    do throws(ActiveWindow.Fault) {
      return try ActiveWindow(scalar.text)
    } catch {
      switch error {
      case .form: reader.report("\(place.label) cannot be \(scalar.shown)", at: node.location, help: help)
      case .empty: reader.report("\(place.label) begins when it ends: \(scalar.shown)", at: node.location, help: help)
      case .unknownZone(let zone):
        reader.report(
          "\(place.label) names an unknown time zone: \(zone.shown)", at: node.location, help: "write UTC or a place: Europe/Tallinn")
      }
      return nil
    }
  }
}
