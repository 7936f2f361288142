import Testing

@testable import ModelRuntime

@Suite struct ONNXFaultTests {
  @Test(arguments: [
    ("plain words", "plain words"),
    ("over\n  several\tlines\n", "over several lines"),
    ("", ""),
    (
      "failed:/onnxruntime_src/core/a.cc:25 int f(const std::function<void (int)>&, X) const [with T = float] What (it) was",
      "failed: What (it) was"
    ),
    ("/onnxruntime_src/core/a.cc:25 a::B::B(int) Unsupported", "Unsupported"),
    ("cut short /onnxruntime_src/core/a.cc:25 int f(int,", "cut short"),
  ])
  func messagesAreOneLineWithoutTheRuntimesOwnSource(message: String, readable: String) {
    #expect(ONNXFault.readable(message) == readable)
  }

  @Test(arguments: [
    (UInt32(1), "std::bad_alloc", true),
    (6, "Failed to allocate memory for requested buffer of size 7", true),
    (6, "CUDA failure 2: out of memory", true),
    (11, "device lost", true),
    (2, "indices element out of data bounds", false),
    (1, "", false),
  ])
  func onlyMemoryAndDevicesAreWorthAnotherTry(code: UInt32, message: String, isTransient: Bool) {
    #expect(ONNXFault(code: code, message: message).isTransient == isTransient)
  }
}
