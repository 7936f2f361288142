import Foundation

/// The project's files: what git tracks, and what it would track once added.
struct Tree {
  let root: URL
  /// Paths relative to the root, sorted.
  let files: [String]
  /// First components of the paths that git tracks: a user's own notes and editor folders beside them are nobody's business.
  let topLevel: [String]

  static let current = Tree(root: URL(filePath: #filePath).appending(path: "../../..").standardized)

  init(root: URL) {
    self.root = root
    let tracked: [String]
    if let known = Tree.git(["ls-files", "-z", "--cached"], in: root),
      let new = Tree.git(["ls-files", "-z", "--others", "--exclude-standard"], in: root)
    {
      tracked = known
      files = Set(known + new).filter { FileManager.default.fileExists(atPath: root.appending(path: $0).path) }.sorted()
    } else {
      tracked = Tree.walk(root)
      files = tracked.sorted()
    }
    topLevel = Set(tracked.compactMap { $0.split(separator: "/").first.map(String.init) }).sorted()
  }

  /// Files whose path starts with `folder` and ends with `suffix`.
  func files(in folder: String = "", ending suffix: String) -> [String] {
    files.filter { $0.hasPrefix(folder) && $0.hasSuffix(suffix) }
  }

  func text(of path: String) throws -> String {
    String(decoding: try Data(contentsOf: root.appending(path: path)), as: UTF8.self)
  }

  /// Files, and the folders that hold them.
  var paths: Set<String> {
    var paths: Set<String> = [""]
    for file in files {
      var path = file[...]
      while paths.insert(String(path)).inserted, let slash = path.lastIndex(of: "/") {
        path = path[..<slash]
      }
    }
    return paths
  }

  /// Nil where git is missing or the folder is no clone.
  private static func git(_ arguments: [String], in root: URL) -> [String]? {
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["git"] + arguments
    process.currentDirectoryURL = root
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return nil }
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { return nil }
    return String(decoding: data, as: UTF8.self).split(separator: "\0").map(String.init)
  }

  /// A source archive's files: all but what .gitignore's plain names keep out.
  private static func walk(_ root: URL) -> [String] {
    let ignore = (try? String(contentsOf: root.appending(path: ".gitignore"), encoding: .utf8)) ?? ""
    let ignored = Set(ignore.split(separator: "\n").map(String.init) + [".git"])
    var files: [String] = []
    var folders = [""]
    while let folder = folders.popLast() {
      for name in (try? FileManager.default.contentsOfDirectory(atPath: root.appending(path: folder).path)) ?? [] {
        if ignored.contains(name) || name.hasPrefix(".build") { continue }
        let path = folder.isEmpty ? name : folder + "/" + name
        var isFolder: ObjCBool = false
        _ = FileManager.default.fileExists(atPath: root.appending(path: path).path, isDirectory: &isFolder)
        if isFolder.boolValue { folders.append(path) } else { files.append(path) }
      }
    }
    return files
  }
}
