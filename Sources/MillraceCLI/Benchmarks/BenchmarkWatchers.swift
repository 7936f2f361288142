import Foundation
import Glibc
import Millrace

/// A thousand scrapers that all ask at the same moment, once a second, and a hundred open dashboards. One thread, of the lowest
/// priority: what looks on should cost what it makes the server do, and nothing besides.
final class BenchmarkWatchers {
  private static let scrapers = 1_000
  private static let dashboards = 100
  private static let period = 1.0
  private let scrapers: [Client]
  private let dashboards: [Client]

  init(port: Int) throws {
    // On Linux niceness belongs to the thread, and 0 names the calling one.
    _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 19)
    let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    var files = rlimit()
    getrlimit(resource, &files)
    files.rlim_cur = files.rlim_max
    setrlimit(resource, &files)
    dashboards = try (0..<Self.dashboards).map { _ in
      let client = try Client(port: port)
      _ = try client.ask("/").answer()
      return try client.ask("/v1/events")
    }
    scrapers = try (0..<Self.scrapers).map { _ in try Client(port: port) }
  }

  /// Watches for so long.
  /// - Returns: what was seen, for people.
  /// - Throws: unless every request is answered, and every dashboard goes on.
  func watch(seconds: Double) throws -> String {
    func passed(since start: MonotonicTime) -> Double { (MonotonicTime.now - start) / .seconds(1) }
    let start = MonotonicTime.now
    let pacer = Pacer(perSecond: 1 / Self.period, from: start, burst: .max)
    var (bursts, longest, bytes) = (0, 0.0, 0)
    while passed(since: start) < seconds {
      let burst = MonotonicTime.now
      // Nobody reads before everybody has asked.
      for scraper in scrapers { try scraper.ask("/metrics") }
      bytes = try scrapers.reduce(0) { $0 + (try $1.answer()) }
      longest = max(longest, passed(since: burst))
      bursts += 1
      for dashboard in dashboards { try dashboard.readEvents() }
      _ = pacer.take(1, at: .now)
      let wait = min(pacer.delay(at: .now) / .seconds(1), seconds - passed(since: start))
      if wait > 0 { usleep(UInt32(wait * 1e6)) }
    }
    // The first read finds the past.
    let silent = dashboards.count { $0.events < 2 }
    if silent > 0 { throw BenchmarkFault("\(silent) of \(dashboards.count) dashboards got no events") }
    return "\(bursts) times \(scrapers.count) scrapes of \(bytes / scrapers.count / 1_024) KiB; "
      + "the last answer after \(Int(longest * 1_000)) ms at most"
  }
}

/// A connection whose reads block.
private final class Client {
  private(set) var events = 0
  private let descriptor: Int32
  /// Where answers are read to. One for all: they are read in turn.
  private static nonisolated(unsafe) let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)

  init(port: Int) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var limit = timeval(tv_sec: 20, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
    }
    if result != 0 { throw BenchmarkFault("can't connect to port \(port): \(String(cString: strerror(errno)))") }
  }

  @discardableResult
  func ask(_ path: String) throws -> Client {
    let request = Array("GET \(path) HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8)
    guard send(descriptor, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else {
      throw BenchmarkFault("GET \(path) was not taken: \(String(cString: strerror(errno)))")
    }
    return self
  }

  /// Reads one answer; returns its bytes.
  func answer() throws -> Int {
    var (got, wanted) = (0, Int.max)
    while got < wanted {
      got += try receive(at: got)
      if wanted == .max, let length = Self.length(ofAnswer: Self.buffer[..<got]) { wanted = length }
    }
    return got
  }

  /// Reads the events that have come since the last time.
  func readEvents() throws {
    while true {
      let count = recv(descriptor, Self.buffer.baseAddress, Self.buffer.count, Int32(MSG_DONTWAIT))
      if count < 0 && errno == EAGAIN { return }
      if count <= 0 { throw BenchmarkFault("a dashboard was cut off") }
      events += 1
    }
  }

  private func receive(at place: Int) throws -> Int {
    let count = recv(descriptor, Self.buffer.baseAddress.map { $0 + place }, Self.buffer.count - place, 0)
    if count <= 0 { throw BenchmarkFault("a request was not answered: \(count == 0 ? "cut off" : String(cString: strerror(errno)))") }
    return count
  }

  /// The length of an answer with its body; nil while its head is not complete.
  private static func length(ofAnswer bytes: Slice<UnsafeMutableRawBufferPointer>) -> Int? {
    let head = String(decoding: bytes.prefix(1_024), as: UTF8.self)
    guard let end = head.range(of: "\r\n\r\n")?.upperBound else { return nil }
    let lines = head[..<end].lowercased().split(separator: "\r\n")
    guard lines.first?.contains(" 200 ") == true else { return nil }
    let length = lines.first { $0.hasPrefix("content-length:") }?.split(separator: " ").last.flatMap { Int($0) }
    return length.map { head[..<end].utf8.count + $0 }
  }
}
