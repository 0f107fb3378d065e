// swift-tools-version: 6.2
import PackageDescription

// A package that depends on the engine alone: with `traits: []`, no other package is fetched. It is a
// separate package and not a test; run it with `swift run --package-path Tests/Consumer`.
let package = Package(
  name: "consumer",
  dependencies: [.package(name: "swift-im2col", path: "../..", traits: [])],
  targets: [
    .executableTarget(
      name: "Consumer",
      dependencies: [
        .product(name: "Im2col", package: "swift-im2col"),
        .product(name: "ConvNet", package: "swift-im2col"),
      ])
  ],
  swiftLanguageModes: [.v6]
)
