import HTTPTypes
import Millrace

/// Decides whether a request may change things: it must show the configured token.
struct Authorization: Sendable {
  enum Verdict: Equatable {
    case allowed
    /// The request shows no token, or not this one: 401.
    case unauthorized(String)
    /// Nobody may, for no token is configured: 403.
    case forbidden
  }

  private let token: [UInt8]?

  init(_ token: SecretText?) { self.token = token.map { Array($0.revealed.utf8) } }

  func verdict(on header: String?) -> Verdict {
    guard let token else { return .forbidden }
    guard let header else { return .unauthorized(#"Bearer realm="millrace""#) }
    let parts = header.split(separator: " ", maxSplits: 1)
    guard parts.count == 2, parts[0].lowercased() == "bearer" else { return .unauthorized(#"Bearer realm="millrace""#) }
    guard Self.isEqual(Array(parts[1].utf8), token) else {
      return .unauthorized(#"Bearer realm="millrace", error="invalid_token""#)
    }
    return .allowed
  }

  /// Whether two texts are equal. It takes as long for a token that is wrong in its first byte as for one that is wrong in its last.
  static func isEqual(_ given: [UInt8], _ expected: [UInt8]) -> Bool {
    var difference = given.count ^ expected.count
    for index in given.indices { difference |= Int(given[index] ^ expected[index % max(1, expected.count)]) }
    return difference == 0
  }
}
