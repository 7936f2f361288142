import Foundation
import Hummingbird
import HummingbirdCore
import Logging
import Millrace
import NIOCore
import ServiceLifecycle

/// Serves metrics, health, steering and the dashboard of one pipeline, until the process ends.
public struct OperationsServer: Service {
  private let pipeline: Pipeline
  private let address: Configuration.ListenAddress
  /// Whether another port will do where this one is taken: the file names no address.
  private let mayMove: Bool
  private let token: SecretText?
  private let stream: LogStream
  private let log: Logger
  private let limits: RequestLimits
  private let onListening: @Sendable (_ url: String) -> Void

  /// Makes the server of a pipeline, which listens once it runs.
  /// - Parameters:
  ///   - pipeline: what it tells about.
  ///   - operations: where it listens, and who may ask.
  ///   - stream: where the lanes log; its level can be changed over HTTP.
  ///   - log: for the server's own lines.
  ///   - onListening: gets the address, as `http://HOST:PORT`, once requests are answered.
  /// - Returns: nil if the configuration says `off`.
  public init?(
    _ pipeline: Pipeline, _ operations: Configuration.Operations, stream: LogStream, log: Logger,
    onListening: @escaping @Sendable (_ url: String) -> Void = { _ in }
  ) {
    self.init(pipeline, operations, stream: stream, log: log, limits: RequestLimits(), onListening: onListening)
  }

  init?(
    _ pipeline: Pipeline, _ operations: Configuration.Operations, stream: LogStream, log: Logger, limits: RequestLimits,
    onListening: @escaping @Sendable (_ url: String) -> Void
  ) {
    let address = operations.address?.value ?? Configuration.Operations.defaultAddress
    if address == .off { return nil }
    self.pipeline = pipeline
    self.address = address
    mayMove = operations.address == nil
    token = operations.token?.value
    self.stream = stream
    self.log = log
    self.limits = limits
    self.onListening = onListening
  }

  /// Serves until the task is cancelled or the service group shuts down.
  /// - Throws: `OperationsFault` if it can't listen.
  public func run() async throws {
    let thread = ServingThread()
    do {
      try await withTaskExecutorPreference(thread.executor) { try await serve(on: thread) }
    } catch let error as IOError where error.errnoCode == EADDRINUSE && mayMove {
      log.notice("the default operations port is taken; choosing another", metadata: ["address": "\(address)"])
      let moved = Configuration.ListenAddress(host: address.host, port: 0)
      try await withTaskExecutorPreference(thread.executor) { try await serve(on: thread, at: moved) }
    } catch let error as IOError {
      await thread.close()
      throw OperationsFault(address: address, reason: error)
    }
    await thread.close()
  }

  private func serve(on thread: ServingThread, at moved: Configuration.ListenAddress? = nil) async throws {
    // One a try: the feed ends with the server, also with one that found its port taken.
    let feed = EventFeed(pipeline)
    let application = application(on: thread, feed, at: moved ?? address)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await application.run() }
      group.addTask { await feed.run() }
      group.addTask { await export() }
      group.addTask {
        // Streams never end by themselves, and the server waits for what it serves.
        try? await gracefulShutdown()
        feed.finish()
        try? await Task.sleep(for: .seconds(1))
      }
      // The first to end is the server, or the one that says it had its time.
      defer { group.cancelAll() }
      try await group.next()
    }
  }

  private func application(
    on thread: ServingThread, _ feed: EventFeed, at address: Configuration.ListenAddress
  ) -> Application<RouterResponder<BasicRequestContext>> {
    let routes = Routes(
      pipeline: pipeline, stream: stream, feed: feed, authorization: Authorization(token), limits: limits, log: log)
    let limits = limits
    let host = address.host ?? ""
    let (log, onListening) = (log, onListening)
    // What the server has to say of single requests is the client's doing.
    var quiet = log
    quiet.logLevel = .critical
    return Application(
      router: routes.router(),
      server: .http1(
        configuration: .init(
          additionalChannelHandlers: [ClientGuard(limits)],
          httpDecoderConfiguration: .init(
            maxHeaderFieldSize: limits.headerBytes, maxHeaderListSize: limits.headerBytes, maxHeaderFieldCount: limits.headerCount))),
      configuration: ApplicationConfiguration(
        address: .hostname(host, port: address.port), backlog: 1_024,
        availableConnectionsDelegate: MaximumAvailableConnections(OpenFiles.connections(upTo: limits.connections))),
      onServerRunning: { channel in
        let url = "http://\(Configuration.ListenAddress(host: host, port: channel.localAddress?.port ?? address.port))"
        log.notice("operations", metadata: ["url": "\(url)"])
        onListening(url)
      },
      eventLoopGroupProvider: .shared(thread.group), logger: quiet)
  }

  /// Hands the metrics to swift-metrics, if the process has given it a backend.
  private func export() async {
    var export = MetricsExport()
    while !Task.isCancelled {
      export?.push(LaneReading.all(of: pipeline))
      try? await Task.sleep(for: MetricsExport.interval)
    }
  }
}

/// The service's name in the log.
extension OperationsServer: CustomStringConvertible {
  public var description: String { "operations on \(address)" }
}

/// Why the operations server can't serve, in words for the log.
public struct OperationsFault: Error, CustomStringConvertible {
  let address: Configuration.ListenAddress
  let reason: IOError

  public var description: String {
    "can't listen on \(address): \(String(cString: strerror(reason.errnoCode))); set operations.address to another HOST:PORT, or to off"
  }
}
