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

/// A package of its own, because all of it is built with libFuzzer's instrumentation: `run` says how.
let package = Package(
  name: "fuzz",
  dependencies: [
    .package(name: "weir", path: "../.."),
    .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
  ],
  targets: [
    .executableTarget(
      name: "fuzz",
      dependencies: [
        .product(name: "Weir", package: "weir"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Sources",
      exclude: ["ShortRun"],
      // libFuzzer brings main().
      swiftSettings: strict + [.unsafeFlags(["-parse-as-library"])])
  ]
)
