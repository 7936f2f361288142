import Hummingbird
import Logging
import Millrace
import NIOCore

/// The addresses of the operations server, and what each answers.
struct Routes: Sendable {
  let pipeline: Pipeline
  let stream: LogStream
  let feed: EventFeed
  let authorization: Authorization
  let limits: RequestLimits
  let log: Logger

  func router() -> Router<BasicRequestContext> {
    let router = Router()
    let metrics = CachedPage { PrometheusText.render(LaneReading.all(of: pipeline)) }
    let status = CachedPage { StatusReport.json(of: pipeline, logLevel: stream.level) }
    let dashboard = ByteBuffer(string: Dashboard.page)
    router.get("/metrics") { _, _ in Self.answer(.ok, metrics.page(), PrometheusText.contentType) }
    router.get("/health/live") { _, _ in Self.answer(.ok, ByteBuffer(string: "live\n"), "text/plain; charset=utf-8") }
    router.get("/health/ready") { _, _ in
      let readiness = Readiness(of: pipeline)
      return Self.answer(
        readiness.isReady ? .ok : .serviceUnavailable, ByteBuffer(string: readiness.text + "\n"), "text/plain; charset=utf-8")
    }
    router.get("/v1/status") { _, _ in Self.answer(.ok, status.page(), "application/json") }
    router.get("/v1/events") { _, _ in watch() }
    router.get("/") { _, _ in
      var response = Self.answer(.ok, dashboard, "text/html; charset=utf-8")
      response.headers[.contentSecurityPolicy] = Dashboard.contentSecurityPolicy
      return response
    }
    addSteering(to: router)
    return router
  }

  private func addSteering(to router: Router<BasicRequestContext>) {
    for (word, isPaused) in [("pause", true), ("resume", false)] {
      router.post("/v1/lanes/{lane}/\(RouterPath(word))") { request, context in
        let lane = try context.parameters.require("lane")
        return try await change(request) { _ in
          guard pipeline.setPaused(isPaused, lane: lane) else {
            let known = pipeline.lanes.map(\.name).joined(separator: ", ")
            return Self.answer(.notFound, error: "there is no such lane; there are: \(known)")
          }
          return Self.answer(.ok, .object([("lane", .string(lane)), ("paused", .bool(isPaused))]))
        }
      }
    }
    router.post("/v1/drain") { request, _ in
      try await change(request) { _ in
        log.notice("drain requested", metadata: ["by": "http"])
        pipeline.stop()
        return Self.answer(.accepted, .object([("draining", true)]))
      }
    }
    for method in [HTTPRequest.Method.put, .post] {
      router.on("/v1/log-level", method: method) { request, _ in
        try await change(request) { text in
          guard let level = LogLevelRequest(text)?.level else {
            let known = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
            return Self.answer(.badRequest, error: "send {\"level\": \"…\"} with one of \(known)")
          }
          stream.level = level
          log.notice("log level set", metadata: ["level": "\(level)"])
          return Self.answer(.ok, .object([("level", .string(level.rawValue))]))
        }
      }
    }
  }

  /// Makes a change once the whole request for it is there, and allowed: what is refused on the way has no effect.
  private func change(_ request: Request, _ make: (_ body: String) -> Response) async throws -> Response {
    if let refusal = refusal(of: request) { return refusal }
    var request = request
    return make(String(buffer: try await request.collectBody(upTo: limits.bodyBytes)))
  }

  /// Why a request for a change is refused; nil if it is allowed.
  private func refusal(of request: Request) -> Response? {
    switch authorization.verdict(on: request.headers[.authorization]) {
    case .allowed: return nil
    case .forbidden:
      return Self.answer(.forbidden, error: "changes are refused: the configuration has no operations.token")
    case .unauthorized(let challenge):
      var response = Self.answer(.unauthorized, error: "send Authorization: Bearer with the token of operations.token")
      response.headers[.wwwAuthenticate] = challenge
      return response
    }
  }

  /// Answers with server-sent events until the client leaves or the process ends.
  private func watch() -> Response {
    guard let events = feed.subscribe(upTo: limits.watchers) else {
      return Self.answer(.serviceUnavailable, error: "\(limits.watchers) dashboards are open already")
    }
    let headers: HTTPFields = [.contentType: "text/event-stream", .cacheControl: "no-store"]
    return Response(
      status: .ok, headers: headers,
      body: ResponseBody { writer in
        for await event in events { try await writer.write(event) }
        try await writer.finish(nil)
      })
  }

  private static func answer(_ status: HTTPResponse.Status, _ body: ByteBuffer, _ type: String) -> Response {
    let headers: HTTPFields = [.contentType: type, .cacheControl: "no-store", .xContentTypeOptions: "nosniff"]
    return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: body))
  }

  private static func answer(_ status: HTTPResponse.Status, _ value: JSONValue) -> Response {
    answer(status, ByteBuffer(string: value.text + "\n"), "application/json")
  }

  private static func answer(_ status: HTTPResponse.Status, error: String) -> Response {
    answer(status, .object([("error", .string(error))]))
  }
}
