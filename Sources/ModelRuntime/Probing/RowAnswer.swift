/// What a model made of one row: the elements of each output that is read.
struct RowAnswer {
  private enum Element: Equatable {
    case number(Double)
    case integer(Int64)
    case text(String)

    var words: String {
      switch self {
      case .number(let number): "\(number)"
      case .integer(let integer): "\(integer)"
      case .text(let text): "\"\(text)\""
      }
    }
  }

  private let outputs: [[Element]]

  /// A row of the session's last run.
  init(_ session: any ModelSession, _ indices: [Int], row: Int) {
    outputs = indices.map { index in
      let tensor = session.output(index)
      return (0..<tensor.elementsPerRow).map { column in
        if let integer = tensor.integer(row, column) { return .integer(integer) }
        if let text = tensor.string(row, column) { return .text(text) }
        return .number(tensor.double(row, column))
      }
    }
  }

  /// Elements of each output.
  var columns: [Int] { outputs.map(\.count) }

  /// The first output in which two answers to one row differ, by its place among those read, with an element of each in words; nil:
  /// they are the same, but for rounding.
  ///
  /// A run over another number of rows may add up in another order. Numbers agree within a thousandth of themselves, a ten-thousandth
  /// of their row's largest (a small one may be what large ones leave of each other) and a millionth (which may be all that is left of
  /// zero): a hundred times what single precision makes of a deep network, and a thousandth of what another row would bring. Integers,
  /// bools and texts must be equal; of a row of many elements one in a hundred need not agree, since where many numbers are rounded
  /// some lie on the edge.
  func difference(from other: RowAnswer) -> (output: Int, mine: String, others: String)? {
    for (place, (mine, others)) in zip(outputs, other.outputs).enumerated() {
      guard mine.count == others.count else { return (place, "\(mine.count) elements", "\(others.count) elements") }
      let largest = zip(mine, others).reduce(0) { max($0, Self.size($1.0), Self.size($1.1)) }
      let differing = mine.indices.filter { !Self.agree(mine[$0], others[$0], largest: largest) }
      if differing.count > mine.count / 100, let column = differing.first { return (place, mine[column].words, others[column].words) }
    }
    return nil
  }

  private static func agree(_ one: Element, _ other: Element, largest: Double) -> Bool {
    guard case .number(let one) = one, case .number(let other) = other else { return one == other }
    if one == other || (one.isNaN && other.isNaN) { return true }
    return abs(one - other) <= 1e-6 + 1e-4 * largest + 1e-3 * max(abs(one), abs(other)) && one.isFinite && other.isFinite
  }

  private static func size(_ element: Element) -> Double {
    if case .number(let number) = element, number.isFinite { abs(number) } else { 0 }
  }
}
