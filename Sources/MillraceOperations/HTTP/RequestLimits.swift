import NIOCore

/// What one client may ask of the server, and how long it may take.
struct RequestLimits: Sendable {
  /// From the connection, or from the last answer's end on a kept one, to the end of the headers.
  var headTime = TimeAmount.seconds(10)
  var keptTime = TimeAmount.seconds(60)
  /// From the end of the headers to the end of the body.
  var bodyTime = TimeAmount.seconds(10)
  /// How long a client may leave what was sent to it unread.
  var unreadTime = TimeAmount.seconds(20)
  /// How long a client that was refused may go on sending before it is cut off.
  var refusedTime = TimeAmount.seconds(1)
  var bodyBytes = 4_096
  var headerBytes = 16_384
  var headerCount = 64
  /// Connections at once; others wait in the system's queue.
  var connections = 2_000
  /// Dashboards at once.
  var watchers = 250
}
