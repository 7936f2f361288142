import NIOCore

/// What one client may ask of the server, and how long it may take.
struct RequestLimits: Sendable {
  /// How long a request's headers may take, from the connection on, or from the last answer's end on a kept one.
  var headTime = TimeAmount.seconds(10)
  var keptTime = TimeAmount.seconds(60)
  /// How long a request's body may take, from the end of its headers on.
  var bodyTime = TimeAmount.seconds(10)
  /// How long a client may leave what was sent to it unread.
  var unreadTime = TimeAmount.seconds(20)
  /// How long a client that was refused may go on sending before it is cut off.
  var refusedTime = TimeAmount.seconds(1)
  var bodyBytes = 4_096
  var headerBytes = 16_384
  var headerCount = 64
  /// How many connections are served at once; others wait in the system's queue.
  var connections = 2_000
  /// How many dashboards are served at once.
  var watchers = 250
}
