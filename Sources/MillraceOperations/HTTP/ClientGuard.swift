import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Holds one connection to the limits: a body that is too large is refused with 413, a client that is too slow is cut off.
///
/// @unchecked: the connection's event loop is the only one that touches it.
final class ClientGuard: ChannelDuplexHandler, RemovableChannelHandler, @unchecked Sendable {
  typealias InboundIn = HTTPRequestPart
  typealias InboundOut = HTTPRequestPart
  typealias OutboundIn = HTTPResponsePart
  typealias OutboundOut = HTTPResponsePart

  private let limits: RequestLimits
  private var deadline: Scheduled<Void>?
  private var unread: Scheduled<Void>?
  private var bodyBytes = 0
  private var hasAnswered = false
  private var hasRead = true
  private var isRefused = false

  init(_ limits: RequestLimits) { self.limits = limits }

  func handlerAdded(context: ChannelHandlerContext) {
    if context.channel.isActive { expect(context, within: limits.headTime) }
  }

  func channelActive(context: ChannelHandlerContext) {
    expect(context, within: limits.headTime)
    context.fireChannelActive()
  }

  func channelInactive(context: ChannelHandlerContext) {
    stopTimers()
    context.fireChannelInactive()
  }

  func handlerRemoved(context: ChannelHandlerContext) { stopTimers() }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if isRefused { return }
    switch unwrapInboundIn(data) {
    case .head(let head):
      (bodyBytes, hasAnswered, hasRead) = (0, false, false)
      expect(context, within: limits.bodyTime)
      if let length = head.headerFields[.contentLength].flatMap({ Int($0) }), length > limits.bodyBytes {
        return refuse(context, .contentTooLarge)
      }
    case .body(let part):
      bodyBytes += part.readableBytes
      if bodyBytes > limits.bodyBytes { return refuse(context, .contentTooLarge) }
    case .end:
      hasRead = true
      deadline?.cancel()
      if hasAnswered { expect(context, within: limits.keptTime) }
    }
    context.fireChannelRead(data)
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    if isRefused {
      promise?.fail(ChannelError.outputClosed)
      return
    }
    if case .end = unwrapOutboundIn(data) {
      hasAnswered = true
      if hasRead { expect(context, within: limits.keptTime) }
    }
    context.write(data, promise: promise)
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    unread?.cancel()
    unread = nil
    if !context.channel.isWritable {
      unread = context.eventLoop.assumeIsolated().scheduleTask(in: limits.unreadTime) { context.close(promise: nil) }
    }
    context.fireChannelWritabilityChanged()
  }

  private func expect(_ context: ChannelHandlerContext, within time: TimeAmount) {
    deadline?.cancel()
    deadline = context.eventLoop.assumeIsolated().scheduleTask(in: time) { self.timedOut(context) }
  }

  private func timedOut(_ context: ChannelHandlerContext) {
    if hasRead || hasAnswered || isRefused { return context.close(promise: nil) }
    refuse(context, .requestTimeout)
  }

  /// Answers with an error, and goes on reading for a moment: a connection that is closed upon unread bytes takes the answer with it.
  private func refuse(_ context: ChannelHandlerContext, _ status: HTTPResponse.Status) {
    if !hasAnswered {
      let fields: HTTPFields = [.connection: "close", .contentLength: "0"]
      context.write(wrapOutboundOut(.head(HTTPResponse(status: status, headerFields: fields))), promise: nil)
      context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
      context.close(mode: .output, promise: nil)
    }
    isRefused = true
    expect(context, within: limits.refusedTime)
  }

  private func stopTimers() {
    deadline?.cancel()
    unread?.cancel()
  }
}
