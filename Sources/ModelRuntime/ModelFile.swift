import Glibc

/// A model's file on disk.
enum ModelFile {
  /// The file that a path means: itself, or in a folder `model.onnx`, or the only `.onnx` file there.
  /// - Throws: `.load` if there is none, or it cannot be read.
  static func locate(_ path: String) throws(ModelError) -> String {
    var status = stat()
    guard stat(path, &status) == 0 else { throw unreadable(path) }
    var file = path
    if status.st_mode & S_IFMT == S_IFDIR {
      let names = ONNXRuntimeSearch.names(in: path).filter { $0.hasSuffix(".onnx") }
      guard let name = names.first(where: { $0 == "model.onnx" }) ?? (names.count == 1 ? names[0] : nil) else {
        let found = names.isEmpty ? "no .onnx file" : names.joined(separator: ", ")
        throw ModelError(
          .load, "\(path): expected a model.onnx or a single .onnx file in this folder, found \(found); name the file itself")
      }
      file = path.hasSuffix("/") ? path + name : path + "/" + name
    }
    _ = try identity(file)
    return file
  }

  /// What tells a file from others, if it can be read and has something in it.
  static func identity(_ file: String) throws(ModelError) -> Identity {
    guard let identity = Identity(file) else { throw unreadable(file) }
    guard identity.isFile else { throw ModelError(.load, "\(file): not a file") }
    guard access(file, R_OK) == 0 else { throw unreadable(file) }
    guard identity.size > 0 else { throw ModelError(.load, "\(file): the file is empty; was the model copied completely?") }
    return identity
  }

  /// The SHA-256 of the file's bytes, in hexadecimal.
  static func digest(_ path: String) throws(ModelError) -> String {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw unreadable(path) }
    defer { close(descriptor) }
    var hash = SHA256()
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 64)
    defer { buffer.deallocate() }
    while true {
      let count = readSome(descriptor, buffer)
      if count == 0 { return hash.finish() }
      if count < 0 { throw unreadable(path) }
      hash.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    }
  }

  /// The file's bytes; nil if there are more than `most`, or it can't be read.
  static func bytes(_ path: String, most: Int) -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_size <= most else { return nil }
    return [UInt8](unsafeUninitializedCapacity: Int(status.st_size)) { buffer, count in
      while count < buffer.count {
        let got = readSome(descriptor, UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[count...]))
        if got <= 0 { return }
        count += got
      }
    }
  }

  /// As `read`, which a signal doesn't interrupt.
  private static func readSome(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer) -> Int {
    while true {
      let count = read(descriptor, buffer.baseAddress, buffer.count)
      if count >= 0 || errno != EINTR { return count }
    }
  }

  /// What changes when a file is written or another takes its name.
  struct Identity: Equatable {
    private let device: UInt
    private let inode: UInt
    let isFile: Bool
    let size: Int
    private let seconds: Int
    private let nanoseconds: Int

    init?(_ path: String) {
      var status = stat()
      guard stat(path, &status) == 0 else { return nil }
      device = UInt(status.st_dev)
      inode = UInt(status.st_ino)
      isFile = status.st_mode & S_IFMT == S_IFREG
      size = Int(status.st_size)
      seconds = Int(status.st_mtim.tv_sec)
      nanoseconds = Int(status.st_mtim.tv_nsec)
    }
  }

  private static func unreadable(_ path: String) -> ModelError {
    let reason = String(cString: strerror(errno))
    let hint = path.hasPrefix("/") ? "" : "; a relative path is looked up from \(currentDirectory)"
    return ModelError(.load, "\(path): cannot be read: \(reason)\(hint)")
  }

  private static var currentDirectory: String {
    guard let path = getcwd(nil, 0) else { return "the current directory" }
    defer { free(path) }
    return String(cString: path)
  }
}
