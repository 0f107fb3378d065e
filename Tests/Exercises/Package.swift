// swift-tools-version: 6.2
import PackageDescription

// Twelve exercises with holes, and a referee that names the first wrong number and its likely cause. It is a separate
// package; fill in Sources/Exercises/Answers.swift and run it with `swift run --package-path Tests/Exercises`.
let package = Package(
  name: "exercises",
  dependencies: [.package(name: "swift-im2col", path: "../..", traits: [])],
  targets: [
    .target(
      name: "Referee",
      dependencies: [
        .product(name: "Im2col", package: "swift-im2col"),
        .product(name: "ConvNet", package: "swift-im2col"),
      ]),
    .executableTarget(name: "Exercises", dependencies: ["Referee"]),
  ],
  swiftLanguageModes: [.v6]
)
