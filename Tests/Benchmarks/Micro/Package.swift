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

/// A package of its own, so that neither the product nor the other benchmarks depend on what drives these.
let package = Package(
  name: "micro",
  dependencies: [
    .package(name: "weir", path: "../../.."),
    // Without what it counts allocations with.
    .package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: []),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
  ],
  targets: [
    .target(name: "AllocationCount"),
    .executableTarget(
      name: "Micro",
      dependencies: [
        "AllocationCount",
        .product(name: "Coroutines", package: "weir"),
        .product(name: "Weir", package: "weir"),
        .product(name: "Benchmark", package: "benchmark"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      // Where `benchmark` looks for what it runs.
      path: "Benchmarks/Micro", swiftSettings: strict,
      plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]),
  ]
)
