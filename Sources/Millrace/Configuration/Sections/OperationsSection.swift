import Logging

extension Configuration {
  /// The section `operations`: the process's own HTTP address for metrics, health, steering and dashboard.
  public struct Operations: Sendable {
    /// The address that the file gives; nil: `defaultAddress`, or any free port where another process has that one.
    package internal(set) var address: Located<ListenAddress>?
    /// The token that a request must show to change anything; nil: changes are refused.
    package internal(set) var token: Located<SecretText>?

    /// The address where the file gives none. Loopback only: whoever wants more says so. 9464 is where OpenTelemetry's Prometheus exporters
    /// listen.
    package static let defaultAddress = ListenAddress(host: "127.0.0.1", port: 9464)

    init() {}
  }

  /// An address to listen on, or `off`.
  package struct ListenAddress: Sendable, Equatable {
    /// The host; nil: it doesn't listen.
    package let host: String?
    /// The port; 0: any free one.
    package let port: Int

    package static let off = ListenAddress(host: nil, port: 0)

    package init(host: String?, port: Int) {
      self.host = host
      self.port = port
    }
  }

  /// The section `logging`: what the process says on standard error.
  public struct Logging: Sendable {
    /// How a line is written: as text for people, or as JSON for programs.
    public enum Format: String, CaseIterable, Sendable {
      case text, json
    }

    /// The level of the least severe lines that are written.
    public internal(set) var level = Located(Logger.Level.info)
    /// How lines are written.
    public internal(set) var format = Located(Format.text)

    init() {}
  }
}

/// A text that must not be printed, and isn't by accident: descriptions and reflection show a mask.
package struct SecretText: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// The text in the clear. Not for logs.
  package let revealed: String

  package init(_ text: String) { revealed = text }

  package var description: String { SecretNames.mask }
  package var debugDescription: String { SecretNames.mask }
  package var customMirror: Mirror { Mirror(self, children: []) }
}

extension Configuration.ListenAddress: CustomStringConvertible {
  package var description: String {
    guard let host else { return "off" }
    return host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
  }

  /// Reads `HOST:PORT`, `[IPV6]:PORT` or `off`; nil for anything else.
  init?(_ text: String) {
    if text == "off" {
      self = .off
      return
    }
    guard let match = text.wholeMatch(of: /(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9.-]+)):([0-9]{1,5})/), let port = Int(match.3), port < 65_536
    else { return nil }
    self.init(host: String(match.1 ?? match.2 ?? ""), port: port)
  }
}

extension Configuration.Operations {
  static let definition: ConfigurationSection<Self> = ConfigurationSection(
    path: "operations",
    summary: """
      Metrics, health, steering and the dashboard, over HTTP. Who reaches the address reads them; a change needs the token. \
      Put a proxy with TLS before it where it leaves the machine.
      """,
    example: """
      operations:
        address: 127.0.0.1:9464
        token: ${MILLRACE_TOKEN:-change-me-1234567}
      """,
    make: { Self() },
    keys: [
      .optional(
        "address", \.address, .listenAddress,
        without: "`\(defaultAddress)`, or any free port of 127.0.0.1 where that one is taken", example: "0.0.0.0:9464",
        "Where to listen: `HOST:PORT`, or `off`. At port 0 the system chooses; the log says which."),
      .optional(
        "token", \.token, .secret, without: "changes are refused", example: "${MILLRACE_TOKEN}",
        "What a request must send as `Authorization: Bearer …` to pause, resume or drain, or to set the log level."),
    ])
}

extension Configuration.Logging {
  static let definition: ConfigurationSection<Self> = ConfigurationSection(
    path: "logging",
    summary: "What the process says on standard error. No level shows payloads or secrets.",
    example: "logging: {level: info, format: json}",
    make: { Self() },
    keys: [
      .defaulted("level", \.level, .choice, example: "warning", "The least severe lines that are written."),
      .defaulted("format", \.format, .choice, example: "json", "`json` writes one object a line."),
    ])
}

extension ConfigurationType where Value == Configuration.ListenAddress {
  fileprivate static let listenAddress = ConfigurationType(
    label: "address or `off`", schema: ["type": ["string", "boolean"]], show: { .string("\($0)") }
  ) { node, place, reader in
    let help = "write HOST:PORT, for example 127.0.0.1:9464, or off"
    guard let scalar = reader.scalar(node, place, expected: "an address", help: help) else { return nil }
    // YAML 1.1 takes `off` for a boolean.
    if scalar.kind == .bool, scalar.text == "false" || scalar.text == "off" { return .off }
    guard let address = Value(scalar.text) else {
      reader.report("\(place.label) cannot be \(scalar.shown)", at: node.location, help: help)
      return nil
    }
    return address
  }
}

extension ConfigurationType where Value == SecretText {
  /// How a token is written: long enough not to be guessed, of characters that a header may carry.
  fileprivate static let secret = ConfigurationType(label: "secret", schema: ["type": "string"], show: { _ in .null }) {
    node, place, reader in
    let help = "use 16 to 256 printable ASCII characters without spaces, from ${NAME} or ${file:PATH}"
    guard let scalar = reader.scalar(node, place, expected: "a secret", help: help) else { return nil }
    guard (16...256).contains(scalar.text.utf8.count), scalar.text.utf8.allSatisfy({ (33...126).contains($0) }) else {
      reader.report("\(place.label) is not fit for a token", at: node.location, help: help)
      return nil
    }
    return SecretText(scalar.text)
  }
}
