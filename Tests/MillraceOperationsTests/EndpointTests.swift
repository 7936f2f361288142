import Foundation
import Logging
import Millrace
import Testing

@testable import MillraceOperations

@Suite(.serialized, .timeLimit(.minutes(1))) struct EndpointTests {
  private static let bearer = "Authorization: Bearer \(OperationsRig.token)"

  @Test func everyPageIsServedAsWhatItIs() async throws {
    let rig = try OperationsRig()
    try await rig.serving { port in
      let pages = [
        ("/metrics", 200, "text/plain; version=0.0.4"), ("/health/live", 200, "text/plain"), ("/health/ready", 503, "text/plain"),
        ("/v1/status", 200, "application/json"), ("/", 200, "text/html"), ("/nothing", 404, ""),
      ]
      for (path, status, type) in pages {
        let answer = try RawClient.ask(port, "GET", path)
        #expect(answer.status == status, "\(path)")
        #expect((answer.header("content-type") ?? "").hasPrefix(type), "\(path)")
      }
      #expect(try RawClient.ask(port, "GET", "/").header("content-security-policy")?.contains("default-src 'none'") == true)
      #expect(try RawClient.ask(port, "GET", "/v1/drain").status == 404)
      let status = try JSONSerialization.jsonObject(with: Data(RawClient.ask(port, "GET", "/v1/status").body.utf8)) as? [String: Any]
      #expect(status?["ready"] as? Bool == false)
      #expect((status?["lanes"] as? [[String: Any]])?.compactMap { $0["name"] as? String } == ["urgent", "bulk"])
    }
  }

  @Test func aChangeNeedsTheToken() async throws {
    let rig = try OperationsRig()
    try await rig.serving { port in
      let refused = [
        [], ["Authorization: Bearer"], ["Authorization: Bearer wrong"], ["Authorization: Bearer \(OperationsRig.token)x"],
        ["Authorization: Basic \(OperationsRig.token)"], ["Authorization: Bearer \(OperationsRig.token.dropLast())"],
      ]
      for headers in refused {
        for path in ["/v1/lanes/bulk/pause", "/v1/lanes/none/pause", "/v1/drain", "/v1/log-level"] {
          let answer = try RawClient.ask(port, "POST", path, headers: headers)
          #expect(answer.status == 401, "\(path) \(headers)")
          #expect(answer.header("www-authenticate")?.hasPrefix("Bearer") == true)
        }
      }
      #expect(!rig.pipeline.isPaused("bulk"))
      #expect(try RawClient.ask(port, "POST", "/v1/lanes/bulk/pause", headers: [Self.bearer]).status == 200)
      #expect(rig.pipeline.isPaused("bulk"))
      #expect(!rig.pipeline.isPaused("urgent"))
      #expect(try RawClient.ask(port, "POST", "/v1/lanes/bulk/resume", headers: [Self.bearer]).status == 200)
      #expect(!rig.pipeline.isPaused("bulk"))
      let unknown = try RawClient.ask(port, "POST", "/v1/lanes/none/pause", headers: [Self.bearer])
      #expect(unknown.status == 404 && unknown.body.contains("urgent, bulk"))
    }
  }

  @Test func withoutATokenInTheConfigurationNothingCanBeChanged() async throws {
    let rig = try OperationsRig(token: nil)
    try await rig.serving { port in
      let answer = try RawClient.ask(port, "POST", "/v1/lanes/bulk/pause", headers: [Self.bearer])
      #expect(answer.status == 403)
      #expect(answer.body.contains("operations.token"))
      #expect(!rig.pipeline.isPaused("bulk"))
    }
  }

  @Test func theLogLevelChangesAtRunTime() async throws {
    let rig = try OperationsRig()
    try await rig.serving { port in
      for method in ["PUT", "POST"] {
        rig.stream.level = .info
        let answer = try RawClient.ask(port, method, "/v1/log-level", headers: [Self.bearer], body: #"{"level": "error"}"#)
        #expect(answer.status == 200)
        #expect(rig.stream.level == .error)
      }
      for body in ["", "error", #"{"level": "loud"}"#, #"{"level": 3}"#, #"{"level":"#, "[]"] {
        #expect(try RawClient.ask(port, "PUT", "/v1/log-level", headers: [Self.bearer], body: body).status == 400, "\(body)")
      }
      #expect(rig.stream.level == .error)
    }
  }

  @Test func twoProcessesOfOneFileBothServe() async throws {
    let (first, second) = (try OperationsRig(address: nil), try OperationsRig(address: nil))
    try await first.serving { port in
      try await second.serving { other in
        #expect(port != other)
        let statuses = try [port, other].map { try RawClient.ask($0, "GET", "/health/live").status }
        #expect(statuses == [200, 200])
        for port in [port, other] {
          let dashboard = try RawClient(port)
          dashboard.send("GET /v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
          #expect(dashboard.read(until: "event: tick").status == 200)
        }
      }
    }
    #expect(second.lines.all.contains { $0.contains("operations url=http://127.0.0.1:") })
  }

  @Test func anAddressThatWasAskedForAndIsTakenIsAFault() async throws {
    try await OperationsRig().serving { port in
      let rig = try OperationsRig(address: "127.0.0.1:\(port)")
      let server = try #require(
        OperationsServer(rig.pipeline, rig.configuration.operations, stream: rig.stream, log: rig.stream.logger("operations")))
      do {
        try await server.run()
        Issue.record("it listens on an address that is taken")
      } catch {
        #expect("\(error)".contains("can't listen on 127.0.0.1:\(port): ") && "\(error)".contains("operations.address"))
      }
    }
  }

  @Test func aTokenIsComparedWhole() {
    let expected = Array("0123456789abcdef".utf8)
    #expect(Authorization.isEqual(expected, expected))
    for given in ["", "0", "0123456789abcde", "0123456789abcdeX", "0123456789abcdef0", "0123456789abcdef0123456789abcdef"] {
      #expect(!Authorization.isEqual(Array(given.utf8), expected), "\(given)")
    }
  }

  @Test func aDashboardGetsItsHistoryAndThenATickASecond() async throws {
    let rig = try OperationsRig()
    try await rig.serving { port in
      let client = try RawClient(port)
      client.send("GET /v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
      var text = client.read(until: "event: tick\n").text
      #expect(text.contains("text/event-stream"))
      #expect(text.contains("event: history\ndata: ["))
      text += client.read(until: "\"paused\":").text
      rig.pipeline.setPaused(true, lane: "bulk")
      #expect(client.read(until: "\"paused\":true").text.contains("\"paused\":true"))
    }
  }

  @Test func watchersAreBoundedAndAPlaceIsFreeAgainWhenOneLeaves() async throws {
    let rig = try OperationsRig()
    var limits = RequestLimits()
    limits.watchers = 2
    try await rig.serving(limits) { port in
      var clients = try (0..<2).map { _ in try RawClient(port) }
      for client in clients {
        client.send("GET /v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        #expect(client.read(until: "event: history").status == 200)
      }
      #expect(try RawClient.ask(port, "GET", "/v1/events").status == 503)
      clients = []
      var status = 503
      while status == 503 {
        let client = try RawClient(port)
        client.send("GET /v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        status = client.read(until: "\r\n\r\n").status
      }
      #expect(status == 200)
    }
  }
}
