/// A kind of number with a unit, how it is read and written: `20ms`, `64MiB`.
struct Quantity: Sendable {
  struct Unit: Sendable {
    let name: String
    /// How many of the smallest unit this one is.
    let size: Int
  }

  enum Fault: Error {
    case noNumber, noUnit
    case unknownUnit(String)
    case tooLarge, notWhole
  }

  /// The units, ascending. The first is what parsing counts in, and divides the others.
  let units: [Unit]

  static let duration = Quantity(units: [
    Unit(name: "us", size: 1), Unit(name: "ms", size: 1000), Unit(name: "s", size: 1_000_000), Unit(name: "m", size: 60_000_000),
    Unit(name: "h", size: 3_600_000_000),
  ])
  static let bytes = Quantity(units: [
    Unit(name: "B", size: 1), Unit(name: "KiB", size: 1 << 10), Unit(name: "MiB", size: 1 << 20), Unit(name: "GiB", size: 1 << 30),
  ])

  var names: String { units.map(\.name).joined(separator: ", ") }
  var pattern: String { "^[0-9]+(\\.[0-9]+)?(\(units.map(\.name).joined(separator: "|")))$" }

  /// The quantity that a text names, counted in the smallest unit. `1.5s` is one; a fraction of the smallest unit is a fault.
  func parse(_ text: String) throws(Fault) -> Int {
    guard let match = text.wholeMatch(of: /([0-9]+)(?:\.([0-9]+))? ?(.*)/) else { throw .noNumber }
    let (name, fraction) = (String(match.3), match.2 ?? "")
    guard !name.isEmpty else { throw .noUnit }
    guard let unit = units.first(where: { $0.name == name }) else { throw .unknownUnit(name) }
    guard let whole = Int(match.1), let decimals = Int("0" + fraction), fraction.count <= 9 else { throw .tooLarge }
    var scale = 1
    for _ in 0..<fraction.count { scale *= 10 }
    let (product, productOverflows) = whole.multipliedReportingOverflow(by: unit.size)
    let (part, partOverflows) = decimals.multipliedReportingOverflow(by: unit.size)
    let (sum, sumOverflows) = product.addingReportingOverflow(part / scale)
    guard !productOverflows, !partOverflows, !sumOverflows else { throw .tooLarge }
    guard part % scale == 0 else { throw .notWhole }
    return sum
  }

  /// The quantity as text, in the largest unit that leaves no fraction.
  func format(_ value: Int) -> String {
    let unit = units.last { value != 0 && value % $0.size == 0 } ?? units[min(1, units.count - 1)]
    return "\(value / unit.size)\(unit.name)"
  }
}

extension Duration {
  /// The duration as a configuration file writes it: `20ms`.
  var configured: String {
    Quantity.duration.format(Int(components.seconds) * 1_000_000 + Int(components.attoseconds / 1_000_000_000_000))
  }
}
