import Foundation

/// Chromium without a window, spoken to over its debugging pipe: messages of JSON, each ended by a zero byte.
final class HeadlessBrowser {
  static let program = "/usr/bin/chromium"
  static var isInstalled: Bool { FileManager.default.fileExists(atPath: program) }

  private let process = Process()
  private let folder: URL
  private let requests: FileHandle
  private let answers: FileHandle
  private var received = Data()
  private var lastID = 0
  private var session = ""

  init(_ url: String) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("millrace-browser-\(UUID().uuidString)")
    self.folder = folder
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let paths = ["in", "out"].map { folder.appendingPathComponent($0).path }
    for path in paths { mkfifo(path, 0o600) }
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    let flags = "--headless=new --no-sandbox --disable-gpu --no-first-run --remote-debugging-pipe --user-data-dir='\(folder.path)/profile'"
    process.arguments = ["-c", "exec '\(Self.program)' \(flags) about:blank 3<'\(paths[0])' 4>'\(paths[1])'"]
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    // Opening a pipe waits for its other end.
    requests = try FileHandle(forWritingTo: URL(fileURLWithPath: paths[0]))
    answers = try FileHandle(forReadingFrom: URL(fileURLWithPath: paths[1]))
    let target = try call("Target.createTarget", ["url": url])["targetId"] as? String ?? ""
    session = try call("Target.attachToTarget", ["targetId": target, "flatten": true])["sessionId"] as? String ?? ""
  }

  deinit {
    process.terminate()
    process.waitUntilExit()
    try? FileManager.default.removeItem(at: folder)
  }

  /// The value of an expression in the page, which is a text.
  func text(_ expression: String) throws -> String {
    let result = try call("Runtime.evaluate", ["expression": "String(\(expression))", "returnByValue": true])["result"] as? [String: Any]
    return result?["value"] as? String ?? ""
  }

  /// Waits until an expression in the page has a value.
  func wait(for expression: String, toBe value: String) throws {
    while try text(expression) != value { usleep(50_000) }
  }

  func show(width: Int, height: Int, scheme: String) throws {
    _ = try call("Emulation.setDeviceMetricsOverride", ["width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600])
    _ = try call("Emulation.setEmulatedMedia", ["features": [["name": "prefers-color-scheme", "value": scheme]]])
  }

  private func call(_ method: String, _ parameters: [String: Any]) throws -> [String: Any] {
    lastID += 1
    var message: [String: Any] = ["id": lastID, "method": method, "params": parameters]
    if !session.isEmpty { message["sessionId"] = session }
    try requests.write(contentsOf: JSONSerialization.data(withJSONObject: message) + [0])
    while true {
      while let end = received.firstIndex(of: 0) {
        let answer = try JSONSerialization.jsonObject(with: received[received.startIndex..<end]) as? [String: Any]
        received = Data(received[received.index(after: end)...])
        if answer?["id"] as? Int == lastID { return answer?["result"] as? [String: Any] ?? [:] }
      }
      let more = answers.availableData
      if more.isEmpty { throw CocoaError(.fileReadUnknown) }
      received += more
    }
  }
}
