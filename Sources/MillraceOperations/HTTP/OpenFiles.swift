import Foundation

/// The limit of files that the process may have open: sockets count, and the lanes' own come first.
enum OpenFiles {
  /// How many connections may be served without taking the brokers' away. Raises the process's own limit where it may.
  static func connections(upTo wanted: Int) -> Int {
    var limit = rlimit()
    #if canImport(Glibc)
      let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    #else
      let resource = RLIMIT_NOFILE
    #endif
    guard getrlimit(resource, &limit) == 0 else { return min(wanted, 256) }
    let enough = rlim_t(wanted * 2)
    if limit.rlim_cur < enough {
      limit.rlim_cur = min(limit.rlim_max, enough)
      _ = setrlimit(resource, &limit)
      _ = getrlimit(resource, &limit)
    }
    return min(wanted, Int(clamping: limit.rlim_cur / 2))
  }
}
