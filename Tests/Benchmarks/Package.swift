// swift-tools-version: 6.2
import PackageDescription

/// As in the product's own manifest.
let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

/// A small program in C, linked with the system's libraries.
func program(_ name: String, _ folder: String, _ libraries: String...) -> Target {
  .executableTarget(
    name: name, path: "Sources/\(folder)", cSettings: [.headerSearchPath("../Shared")],
    linkerSettings: libraries.map { .linkedLibrary($0) })
}

/// A package of its own, so that what is measured against does not become a dependency of the product.
let package = Package(
  name: "benchmarks",
  dependencies: [
    .package(name: "weir", path: "../.."),
    .package(url: "https://github.com/apple/swift-async-algorithms", from: "1.1.4"),
  ],
  targets: [
    .executableTarget(
      name: "coroutine-costs",
      dependencies: [
        .product(name: "Coroutines", package: "weir"),
        .product(name: "AsyncAlgorithms", package: "swift-async-algorithms"),
      ],
      path: "Sources/CoroutineCosts",
      swiftSettings: strict),
    .executableTarget(name: "workloads", path: "Sources/Workloads", swiftSettings: strict),
    program("corpus", "Corpus"),
    program("scan", "Scan", "hs", "pcre2-8"),
    program("insert", "Insert", "sqlite3", "pcre2-8"),
    program("follow-loop", "FollowLoop", "sqlite3"),
    program("start", "Start", "hs", "pcre2-8", "sqlite3", "yaml", "z"),
    program("feeder", "Feeder"),
    program("latency", "Latency", "sqlite3"),
  ]
)
