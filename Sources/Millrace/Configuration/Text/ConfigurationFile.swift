import Foundation

extension Configuration {
  private static let maxBytes = 4 << 20

  /// Reads and checks a file. All of its faults come in one error, in the file's order.
  /// - Parameters:
  ///   - path: the file.
  ///   - environment: the variables that `${NAME}` stands for.
  /// - Throws: `ConfigurationError`.
  public static func load(
    _ path: String, environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws(ConfigurationError) -> Configuration {
    func fault(_ message: String, help: String) -> ConfigurationError {
      ConfigurationError([Diagnostic(message, at: SourceLocation(file: path, line: 0, column: 0), help: help)])
    }
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw fault("there is no such file", help: "give the path of a configuration, for example config/fraud.yaml")
    }
    guard !isFolder.boolValue else { throw fault("this is a folder", help: "give the path of a file in it") }
    guard let handle = FileHandle(forReadingAtPath: path), let data = try? handle.read(upToCount: maxBytes + 1) ?? Data() else {
      throw fault("the file cannot be read", help: "check its permissions")
    }
    guard data.count <= maxBytes else { throw fault("the file is larger than 4 MiB", help: "is this a configuration?") }
    guard let text = String(validating: data, as: UTF8.self) else {
      let valid = String(decoding: data, as: UTF8.self)
      let position = SourceText(file: path, text: String(valid.unicodeScalars.prefix { $0 != "\u{FFFD}" })).lines
      let location = SourceLocation(file: path, line: position.count, column: (position.last?.count ?? 0) + 1)
      throw ConfigurationError([Diagnostic("the file is not UTF-8 from here on", at: location, help: "save it as UTF-8")])
    }
    return try parse(text, file: path, environment: environment)
  }

  /// Reads and checks a text.
  /// - Parameters:
  ///   - text: the configuration, in YAML.
  ///   - file: the name that its faults carry; relative paths count from its folder.
  ///   - environment: the variables that `${NAME}` stands for.
  /// - Throws: `ConfigurationError`.
  public static func parse(
    _ text: String, file: String, environment: [String: String] = [:]
  ) throws(ConfigurationError) -> Configuration {
    let text = text.unicodeScalars.first == "\u{FEFF}" ? String(text.unicodeScalars.dropFirst()) : text
    let folder = file.lastIndex(of: "/").map { String(file[...$0]) } ?? ""
    var document = YAMLDocument(
      SourceText(file: file, text: text), interpolation: Interpolation(environment: environment, folder: folder))
    guard let root = document.parse() else { throw ConfigurationError(document.diagnostics) }
    var reader = ConfigurationReader(document.source, diagnostics: document.diagnostics)
    let top = ConfigurationReader.Place(path: "", label: "the file", location: SourceLocation(file: file, line: 1, column: 1))
    var configuration = definition.read(root, top, &reader)
    guard reader.diagnostics.isEmpty else { throw ConfigurationError(reader.diagnostics) }
    configuration.source = document.source
    for index in configuration.models.indices {
      configuration.models[index].resolvedPath = configuration.models[index].path.value.resolved(against: folder)
    }
    return configuration
  }
}
