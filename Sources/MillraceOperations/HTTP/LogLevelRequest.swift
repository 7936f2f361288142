import Foundation
import Logging

/// The body of a request that sets the log's level: `{"level": "debug"}`.
struct LogLevelRequest {
  let level: Logger.Level

  init?(_ text: String) {
    guard let object = try? JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any],
      let level = (object["level"] as? String).flatMap(Logger.Level.init(rawValue:))
    else { return nil }
    self.level = level
  }
}
