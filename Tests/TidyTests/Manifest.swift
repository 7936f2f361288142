import Foundation
import Yams

/// The documents of a YAML file of the tree.
struct Manifest {
  let path: String
  let documents: [Node]

  init(_ path: String, in tree: Tree = .current) throws {
    self.path = path
    documents = try Array(Yams.compose_all(yaml: try tree.text(of: path)))
  }

  var root: Node { documents.first ?? Node("") }
}

extension Node {
  /// What is at `a.b.0.c`; nil where there is nothing.
  func at(_ path: String) -> Node? {
    var node: Node? = self
    for part in path.split(separator: ".") {
      if let index = Int(part), let list = node?.sequence {
        node = index < list.count ? list[index] : nil
      } else {
        node = node?[String(part)]
      }
    }
    return node
  }

  func text(_ path: String) -> String? { at(path)?.scalar?.string }

  func texts(_ path: String) -> [String] { at(path)?.sequence?.compactMap { $0.scalar?.string } ?? [] }

  func list(_ path: String) -> [Node] { at(path)?.sequence.map(Array.init) ?? [] }

  var names: [String] { mapping?.keys.compactMap { $0.scalar?.string } ?? [] }

  /// Seconds of a duration as compose and Millrace write it.
  func seconds(_ path: String) -> Int? {
    guard let match = text(path)?.wholeMatch(of: /(\d+)(s|m)?/), let number = Int(match.1) else { return nil }
    return match.2 == "m" ? number * 60 : number
  }
}

/// Someone else's command, where this machine has it.
struct Tool {
  let path: String

  init?(_ name: String) {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    guard let found = folders.map({ "\($0)/\(name)" }).first(where: FileManager.default.isExecutableFile) else { return nil }
    path = found
  }

  /// Its output if it fails, in the root of the tree; nil if all is well.
  func complaint(_ arguments: [String], in tree: Tree = .current) throws -> String? {
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(filePath: path)
    process.arguments = arguments
    process.currentDirectoryURL = tree.root
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return process.terminationStatus == 0 ? nil : text
  }
}
