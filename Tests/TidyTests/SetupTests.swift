import Foundation
import Testing

/// The set-up scripts, run in a copy of the tree on a machine that holds only what a test puts on its PATH.
@Suite struct SetupTests {
  private let machine: Machine

  init() throws { machine = try Machine() }

  @Test func aMissingSwiftIsOneLine() throws {
    #expect(
      try machine.run("swift.sh")
        == .failed("error: there is no swift on the PATH; install Swift 6.2 or newer: https://www.swift.org/install\n"))
  }

  @Test(arguments: ["5.10.1", "6.1.2"])
  func anOldSwiftIsOneLine(_ version: String) throws {
    try machine.add("swift", "echo 'Swift version \(version) (swift-\(version)-RELEASE)'; echo 'Target: x86_64-unknown-linux-gnu'")
    #expect(
      try machine.run("swift.sh")
        == .failed("error: Swift \(version) is too old; install Swift 6.2 or newer: https://www.swift.org/install\n"))
  }

  @Test(arguments: ["Swift version 6.2 (swift-6.2-RELEASE)", "Apple Swift version 6.10.1 (swiftlang)", "Swift version 7.0-dev (LLVM 1)"])
  func aNewerSwiftIsSilent(_ version: String) throws {
    try machine.add("swift", "echo '\(version)'")
    #expect(try machine.run("swift.sh") == .succeeded(""))
  }

  @Test func aSwiftThatDoesNotStartSaysWhy() throws {
    try machine.add("swift", "echo 'swift: libxml2.so.2: cannot open' >&2; exit 127")
    #expect(try machine.run("swift.sh").errors.hasPrefix("error: 'swift --version' answers 'swift: libxml2.so.2: cannot open'; install"))
  }

  @Test(arguments: ["", "memory"])
  func aSanitizerThatThereIsNotIsOneLine(_ kind: String) throws {
    try machine.addReal("bash")
    #expect(
      try machine.run("sanitize.sh", kind)
        == .failed("error: which sanitizer? type: config/setup/sanitize.sh thread, or config/setup/sanitize.sh address\n"))
  }

  @Test func librariesInPlaceAreLeftAlone() throws {
    for tool in ["clang", "pkg-config", "kcat"] { try machine.add(tool, "exit 0") }
    try machine.add("apt-get", "echo called; exit 1")
    #expect(try machine.run("packages.sh", "libraries", "kcat") == .succeeded(""))
  }

  @Test func missingLibrariesAreInstalledWithoutSudoForRoot() throws {
    try machine.addApt(user: 0)
    try machine.add("sudo", "exit 1")
    let result = try machine.run("packages.sh", "libraries", "kcat")
    #expect(result == .succeeded("Installing pkg-config librdkafka-dev libsimdjson-dev libre2-dev libjemalloc-dev kcat\n"))
    #expect(machine.log.split(separator: "\n").count == 2)
    #expect(
      machine.log.hasSuffix(
        "install -y --no-install-recommends pkg-config librdkafka-dev libsimdjson-dev libre2-dev libjemalloc-dev kcat\n"))
  }

  @Test func missingLibrariesAreInstalledWithSudoForOthers() throws {
    try machine.addApt(user: 1000)
    try machine.add("sudo", "echo sudo >>\"$LOG\"; exec \"$@\"")
    #expect(try machine.run("packages.sh", "kcat") == .succeeded("Installing kcat\n"))
    #expect(machine.log.split(separator: "\n").filter { $0 == "sudo" }.count == 2)
  }

  @Test func anInstallationThatFailsNamesTheCommand() throws {
    try machine.addApt(user: 0)
    try machine.add("apt-get", "exit 100")
    #expect(
      try machine.run("packages.sh", "kcat").errors
        == "error: apt-get could not install what is missing; type: apt-get update && apt-get install kcat\n")
  }

  @Test func withoutSudoTheCommandForRootIsNamed() throws {
    try machine.addApt(user: 1000)
    #expect(
      try machine.run("packages.sh", "kcat")
        == .failed("error: missing: kcat; there is no sudo here: as root, type: apt-get install kcat\n"))
  }

  @Test func withoutAptTheLibrariesAreNamed() throws {
    try machine.add("clang", "exit 1")
    #expect(
      try machine.run("packages.sh", "libraries")
        == .failed(
          "error: missing, by Debian's names: pkg-config librdkafka-dev libsimdjson-dev libre2-dev libjemalloc-dev; "
            + "there is no apt-get here: install them, headers included, and type make again\n"))
    try machine.add("dnf", "exit 1")
    let command = "type: sudo dnf install pkgconf-pkg-config librdkafka-devel simdjson-devel re2-devel jemalloc-devel\n"
    #expect(try machine.run("packages.sh", "libraries").errors.hasSuffix(command))
  }

  @Test func anInstalledRuntimeIsLeftAlone() throws {
    try machine.write(".onnxruntime/VERSION", "1.20.0\n")
    try machine.write(".onnxruntime/libonnxruntime.so", "")
    #expect(try machine.run("onnxruntime.sh") == .succeeded(""))
  }

  @Test func aRuntimeThatCannotBeDownloadedIsOneLineAndLeavesNothing() throws {
    try machine.add("python3", "case \"$*\" in *--version) exit 0 ;; esac; echo 'ERROR: No matching distribution' >&2; exit 1")
    let result = try machine.run("onnxruntime.sh")
    #expect(
      result.errors
        == "error: no wheel of onnxruntime>=1.17,<2 from pip (ERROR: No matching distribution); "
        + "with one at hand, type: config/setup/onnxruntime.sh WHEEL\n")
    #expect(result.status == 1)
    #expect(machine.files(in: ".onnxruntime").isEmpty)
  }

  @Test func aMissingPipIsInstalled() throws {
    try machine.addApt(user: 0)
    try machine.add("python3", "exit 1")
    _ = try machine.run("onnxruntime.sh")
    #expect(machine.log.hasSuffix("install -y --no-install-recommends python3-pip\n"))
  }

  @Test func theLibraryComesOutOfAWheel() throws {
    try machine.write(".onnxruntime/libonnxruntime.so.1.0.0", "old")
    try machine.write("wheel/onnxruntime/capi/libonnxruntime.so.1.20.0", "new")
    try machine.write("wheel/onnxruntime/capi/libonnxruntime_providers_shared.so", "")
    try machine.write("wheel/onnxruntime/LICENSE", "")
    try machine.zip("wheel", to: "a.whl")
    try machine.addReal("python3")
    #expect(try machine.run("onnxruntime.sh", "a.whl") == .succeeded("ONNX Runtime 1.20.0 is in .onnxruntime\n"))
    #expect(machine.files(in: ".onnxruntime") == ["LICENSE", "VERSION", "libonnxruntime.so", "libonnxruntime.so.1.20.0"])
    #expect(try machine.run("onnxruntime.sh") == .succeeded(""))
  }

  @Test func aFileThatIsNoWheelIsOneLine() throws {
    try machine.write("a.whl", "no wheel")
    try machine.addReal("python3")
    #expect(
      try machine.run("onnxruntime.sh", "a.whl")
        == .failed("error: a.whl: File is not a zip file; with another one at hand, type: config/setup/onnxruntime.sh WHEEL\n"))
  }
}
