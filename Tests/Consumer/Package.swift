// swift-tools-version: 6.2
import PackageDescription

// Somebody else's package that wants the engine alone: with `traits: []` nothing is fetched.
// `swift run --package-path Tests/Consumer` proves it; a package of its own, so not among the tests.
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
