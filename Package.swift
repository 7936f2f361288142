// swift-tools-version: 6.2
import Foundation
import PackageDescription

// Warnings stop a build in CI and nowhere else: a newer compiler's new warning must not stop a user's.
let strict = ProcessInfo.processInfo.environment["CI"] != nil
let settings: [SwiftSetting] =
  [.enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("MemberImportVisibility")]
  + (strict ? [.treatAllWarnings(as: .error)] : [])

func library(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = []) -> Target {
  .testTarget(name: name, dependencies: dependencies, resources: resources, swiftSettings: settings)
}

let package = Package(
  name: "millrace",
  platforms: [.macOS(.v15)],
  products: [
    .library(name: "Millrace", targets: ["Millrace", "ModelRuntime"]),
    .library(name: "MillraceOperations", targets: ["MillraceOperations"]),
    .library(name: "CEL", targets: ["CEL"]),
    .executable(name: "millrace", targets: ["MillraceCLI"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-distributed-tracing", from: "1.7.3"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
    .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
  ],
  targets: [
    // The doors: each C or C++ library has one, and one Swift target that goes through it.
    .systemLibrary(name: "CRdKafka", pkgConfig: "rdkafka", providers: [.apt(["librdkafka-dev"])]),
    .target(name: "COnnxRuntime"),
    .target(name: "CRE2", linkerSettings: [.linkedLibrary("re2")]),

    // The layout of a field that was read out of a payload: where readers of payloads and expressions meet.
    .target(name: "CELFields"),
    // Its header by path: as a dependency it would come as a module, which clang wants precompiled in C++20.
    .target(
      name: "JSONFields", cxxSettings: [.headerSearchPath("../CELFields/include")], linkerSettings: [.linkedLibrary("simdjson")]),

    library("Texts", []),
    library("CEL", ["CELFields", "CRE2", "Texts"]),

    library("KafkaClient", ["CRdKafka"]),
    library("ModelRuntime", ["COnnxRuntime"]),
    library("EventDecoding", ["CEL", "CELFields", "JSONFields", "Texts"]),
    library(
      "Millrace",
      [
        "KafkaClient", "ModelRuntime", "CEL", "EventDecoding", "Texts",
        .product(name: "Logging", package: "swift-log"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "Tracing", package: "swift-distributed-tracing"),
        "Yams",
      ]),
    .target(
      name: "MillraceOperations",
      dependencies: [
        "Millrace", "ModelRuntime", "Texts",
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "HummingbirdCore", package: "hummingbird"),
        .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "CoreMetrics", package: "swift-metrics"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ],
      // Inside the executable: it is one file that can be copied anywhere.
      resources: [.embedInCode("Dashboard/dashboard.html")],
      swiftSettings: settings),
    .executableTarget(
      name: "MillraceCLI",
      dependencies: [
        "CEL", "EventDecoding", "KafkaClient", "Millrace", "MillraceOperations", "ModelRuntime",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "UnixSignals", package: "swift-service-lifecycle"),
      ],
      swiftSettings: settings,
      // Not in debug builds, whose allocations valgrind and the sanitizers are to see.
      linkerSettings: [.linkedLibrary("jemalloc", .when(platforms: [.linux], configuration: .release))]),

    tests("KafkaClientTests", ["KafkaClient"]),
    tests("ModelRuntimeTests", ["ModelRuntime"], resources: [.copy("Models")]),
    tests("CELTests", ["CEL", "CELFields", "EventDecoding"]),
    tests("EventDecodingTests", ["CEL", "CELFields", "EventDecoding", "JSONFields", "Texts"]),
    tests(
      "MillraceTests",
      [
        "Millrace", "EventDecoding", "KafkaClient", "ModelRuntime", "Texts",
        .product(name: "InMemoryTracing", package: "swift-distributed-tracing"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "Tracing", package: "swift-distributed-tracing"),
        .product(name: "UnixSignals", package: "swift-service-lifecycle"),
      ]),
    tests(
      "MillraceOperationsTests",
      [
        "MillraceOperations", "Millrace", "KafkaClient", .product(name: "Logging", package: "swift-log"),
        .product(name: "CoreMetrics", package: "swift-metrics"), .product(name: "NIOCore", package: "swift-nio"),
      ]),
    // As a program of one's own sees the libraries: what is public, and no more.
    .testTarget(
      name: "EmbeddingTests",
      dependencies: [
        "CEL", "Millrace", "MillraceOperations", "ModelRuntime", .product(name: "Logging", package: "swift-log"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "Tracing", package: "swift-distributed-tracing"),
        .product(name: "UnixSignals", package: "swift-service-lifecycle"),
      ],
      packageAccess: false, swiftSettings: settings),
    tests("MillraceCLITests", ["KafkaClient", "Millrace", "MillraceCLI"]),
    tests("TidyTests", ["Yams"]),
  ],
  cxxLanguageStandard: .cxx20
)
