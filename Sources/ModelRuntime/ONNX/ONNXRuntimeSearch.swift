import Glibc

/// Where ONNX Runtime's library is looked for, in order. What the environment variable names, then a folder
/// `.onnxruntime` beside or above the executable, then one in the current directory, then the system's loader.
struct ONNXRuntimeSearch {
  static let variable = "MILLRACE_ONNXRUNTIME"
  static let folderName = ".onnxruntime"

  enum Candidate: Equatable {
    /// To be tried. `isWanted`: the user named it, so nothing else will do.
    case file(String, isWanted: Bool)
    /// What a place was lacking.
    case absent(String)
  }

  var named: String? = getenv(variable).map { String(cString: $0) }
  var executable: String? = Self.resolved("/proc/self/exe")
  var currentDirectory: String? = Self.resolved(".")

  var candidates: [Candidate] {
    if let named, !named.isEmpty {
      if let file = Self.library(at: named) { return [.file(file, isWanted: true)] }
      return [.absent("\(named), which \(Self.variable) names: no libonnxruntime.so there")]
    }
    var candidates: [Candidate] = [.absent("\(Self.variable): not set")]
    let folders = installFolders
    for folder in folders {
      if let file = Self.library(at: folder) { candidates.append(.file(file, isWanted: false)) }
    }
    if candidates.count == 1, let executable {
      candidates.append(.absent("\(Self.folderName): none beside or above \(executable), nor in \(currentDirectory ?? ".")"))
    }
    return candidates + ["libonnxruntime.so", "libonnxruntime.so.1"].map { .file($0, isWanted: false) }
  }

  /// Every place where a `.onnxruntime` folder may be.
  private var installFolders: [String] {
    var folders: [String] = []
    var parents = (executable ?? "").split(separator: "/").dropLast()
    while !parents.isEmpty {
      folders.append("/" + parents.joined(separator: "/") + "/" + Self.folderName)
      parents = parents.dropLast()
    }
    if let currentDirectory { folders.append(currentDirectory + "/" + Self.folderName) }
    return folders
  }

  /// The library at a path: the file itself, or the one in a folder as it comes out of a wheel or a release archive.
  static func library(at path: String) -> String? {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    if status.st_mode & S_IFMT != S_IFDIR { return path }
    for folder in ["", "/lib", "/capi", "/onnxruntime/capi"].map({ path + $0 }) {
      // The shortest name is the one without a version; of versions the last is the newest, near enough.
      let names = Self.names(in: folder).filter { $0.hasPrefix("libonnxruntime.so") }
      if let name = names.first(where: { $0 == "libonnxruntime.so" }) ?? names.max() { return folder + "/" + name }
    }
    return nil
  }

  static func names(in folder: String) -> [String] {
    guard let directory = opendir(folder) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      names.append(
        withUnsafePointer(to: &entry.pointee.d_name) {
          $0.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
        })
    }
    return names.sorted()
  }

  private static func resolved(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
  }
}
