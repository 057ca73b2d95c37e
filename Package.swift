// swift-tools-version: 6.2
import PackageDescription

/// Every Swift target: Swift 6 language mode, warnings are errors, imports and existentials written out.
let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

let package = Package(
  name: "weir",
  products: [
    .library(name: "Coroutines", targets: ["Coroutines"]),
    .library(name: "Weir", targets: ["Weir"]),
    .executable(name: "weir", targets: ["WeirCommand"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
  ],
  targets: [
    .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
    .systemLibrary(name: "CPCRE2", pkgConfig: "libpcre2-8", providers: [.apt(["libpcre2-dev"])]),
    .systemLibrary(name: "CVectorscan", pkgConfig: "libhs", providers: [.apt(["libvectorscan-dev"])]),
    .target(name: "CLinux"),
    .target(
      name: "Coroutines",
      dependencies: [
        "CLinux",
        .product(name: "DequeModule", package: "swift-collections"),
        .product(name: "HeapModule", package: "swift-collections"),
      ],
      swiftSettings: strict),
    .target(
      name: "Weir",
      dependencies: [
        "Coroutines", "CLinux", "CSQLite", "CYAML", "CPCRE2", "CVectorscan", "CZlib",
        .product(name: "DequeModule", package: "swift-collections"),
        .product(name: "OrderedCollections", package: "swift-collections"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "WeirCommand",
      dependencies: [
        "Weir",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "top-level", dependencies: ["Coroutines"], path: "Tests/TopLevel", swiftSettings: strict),
    // A disk in memory that fails as disks do; for tests, and linked into nothing else.
    .target(name: "CSimulatedDisk", dependencies: ["CSQLite"], path: "Tests/CSimulatedDisk"),
    .target(
      name: "SimulatedDisk",
      dependencies: ["Weir", "CSimulatedDisk", "CSQLite", .product(name: "SystemPackage", package: "swift-system")],
      path: "Tests/SimulatedDisk", swiftSettings: strict),
    .testTarget(name: "CoroutinesTests", dependencies: ["Coroutines", "top-level"], swiftSettings: strict),
    .testTarget(
      name: "WeirTests",
      dependencies: [
        "Weir", "Coroutines", "CLinux", "CPCRE2", "CSQLite", "SimulatedDisk",
        .product(name: "Logging", package: "swift-log"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      swiftSettings: strict),
    .testTarget(
      name: "FuzzTests",
      dependencies: ["Weir", "Coroutines", "CZlib", .product(name: "SystemPackage", package: "swift-system")],
      path: "Tests/Fuzz/Sources",
      exclude: ["Driver"],
      swiftSettings: strict),
    .testTarget(
      name: "SimulationTests",
      dependencies: [
        "Weir", "WeirCommand", "Coroutines", "SimulatedDisk", "CLinux", "CSQLite",
        .product(name: "DequeModule", package: "swift-collections"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Tests/Simulation", exclude: ["Scenarios", "deliberate-faults", "mutate", "run"], swiftSettings: strict),
    .testTarget(name: "TidyTests", swiftSettings: strict),
    .testTarget(
      name: "WeirCommandTests",
      dependencies: ["WeirCommand", "CLinux", "CSQLite", .product(name: "SystemPackage", package: "swift-system")],
      swiftSettings: strict),
  ]
)

// What builds some tests in its own way, as Tests/Simulation/run, names them.
if let tests = Context.environment["WEIR_TESTS"] {
  package.targets.removeAll { $0.type == .test && $0.name != tests }
}
