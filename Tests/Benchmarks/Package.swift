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
      swiftSettings: strict)
  ]
)
