import NIOCore
import Millrace
import Testing

@testable import MillraceOperations

/// What nobody should send. Each is refused or cut off, and the next request is answered.
@Suite(.serialized, .timeLimit(.minutes(1))) struct HostileRequestTests {
  /// Short enough to wait for.
  private var impatient: RequestLimits {
    var limits = RequestLimits()
    limits.headTime = .milliseconds(300)
    limits.bodyTime = .milliseconds(300)
    limits.keptTime = .milliseconds(300)
    limits.unreadTime = .milliseconds(500)
    limits.refusedTime = .milliseconds(300)
    return limits
  }

  private func expectAlive(_ port: Int) throws {
    #expect(try RawClient.ask(port, "GET", "/health/live").status == 200)
  }

  @Test(arguments: [
    "\r\n\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}", "GET / HTTP/1.1\r\nHost\r\n\r\n",
    "POST /v1/drain HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", "POST /v1/drain HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
    "POST /v1/drain HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n",
    "POST /v1/drain HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "POST /v1/drain HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    "POST /v1/lanes/%00%ff/pause HTTP/1.1\r\nHost: a\r\n\r\n", "POST /v1/lanes/../../pause HTTP/1.1\r\nHost: a\r\n\r\n",
  ])
  func malformed(_ bytes: String) async throws {
    try await OperationsRig().serving(impatient) { port in
      let client = try RawClient(port)
      client.send(bytes)
      let answer = client.read()
      #expect(answer.text.isEmpty || (400..<500).contains(answer.status), "\(answer.text.prefix(200))")
      try expectAlive(port)
    }
  }

  @Test func hugeBodiesAreRefusedWhetherAnnouncedOrNot() async throws {
    try await OperationsRig().serving { port in
      let announced = try RawClient(port)
      announced.send("PUT /v1/log-level HTTP/1.1\r\nHost: a\r\nContent-Length: 5000000\r\n\r\n")
      #expect(announced.read(until: "\r\n\r\n").status == 413)
      let chunked = try RawClient(port)
      chunked.send(
        "PUT /v1/log-level HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer \(OperationsRig.token)\r\nTransfer-Encoding: chunked\r\n\r\n")
      let chunk = "1000\r\n" + String(repeating: "x", count: 4096) + "\r\n"
      for _ in 0..<3 { chunked.send(chunk) }
      #expect(chunked.read(until: "\r\n\r\n").status == 413)
      try expectAlive(port)
    }
  }

  @Test(arguments: ["/v1/lanes/urgent/pause", "/v1/drain", "/v1/log-level"])
  func whatIsRefusedForItsSizeChangesNothing(_ address: String) async throws {
    let rig = try OperationsRig()
    try await rig.serving { port in
      let level = rig.stream.level
      let client = try RawClient(port)
      client.send(
        "POST \(address) HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer \(OperationsRig.token)\r\nTransfer-Encoding: chunked\r\n\r\n")
      client.send("11\r\n{\"level\": \"trace\"\r\n")
      let chunk = "1000\r\n" + String(repeating: " ", count: 4096) + "\r\n"
      for _ in 0..<3 { client.send(chunk) }
      #expect(client.read(until: "\r\n\r\n").status == 413)
      #expect(rig.pipeline.lanes.allSatisfy { !rig.pipeline.isPaused($0.name) })
      #expect(rig.stream.level == level)
    }
  }

  @Test func hugeHeadersAndAddressesAreRefused() async throws {
    try await OperationsRig().serving(impatient) { port in
      let large = String(repeating: "x", count: 1 << 20)
      let many = (0..<500).map { "X-\($0): y\r\n" }.joined()
      for head in ["X: \(large)\r\n", many] {
        let client = try RawClient(port)
        client.send("GET /metrics HTTP/1.1\r\nHost: a\r\n\(head)\r\n")
        let answer = client.read()
        #expect(answer.text.isEmpty || (400..<500).contains(answer.status), "\(answer.text.prefix(100))")
      }
      let client = try RawClient(port)
      client.send("GET /\(large) HTTP/1.1\r\nHost: a\r\n\r\n")
      let answer = client.read()
      #expect(answer.text.isEmpty || (400..<500).contains(answer.status), "\(answer.text.prefix(100))")
      try expectAlive(port)
    }
  }

  @Test func slowClientsAreCutOff() async throws {
    try await OperationsRig().serving(impatient) { port in
      let silent = try RawClient(port)
      #expect(silent.read().text.isEmpty)
      // A byte now and then must not win more time.
      let dripping = try RawClient(port)
      while dripping.send("G") {}
      let unfinished = try RawClient(port)
      unfinished.send("PUT /v1/log-level HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer \(OperationsRig.token)\r\nContent-Length: 9\r\n\r\n{")
      #expect(unfinished.read().status == 408)
      let kept = try RawClient(port)
      kept.send("GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n")
      #expect(kept.read().status == 200)
      try expectAlive(port)
    }
  }

  @Test func aClientThatDoesNotReadIsCutOff() async throws {
    try await OperationsRig().serving(impatient) { port in
      let client = try RawClient(port)
      // Ends when the server has had enough.
      while client.send("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n") {}
      try expectAlive(port)
    }
  }

  @Test func aThousandIdleConnectionsDoNotKeepOthersOut() async throws {
    try await OperationsRig().serving { port in
      // Each costs this process two files.
      let clients = try (0..<400).map { _ in try RawClient(port) }
      try expectAlive(port)
      withExtendedLifetime(clients) {}
    }
  }
}
