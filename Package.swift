// swift-tools-version: 6.2
import PackageDescription

/// Only files and commands depend on other packages: a package that depends on Im2col or ConvNet with
/// `traits: []` fetches none of them (`Tests/Consumer`).
let forFilesAndCommands = TargetDependencyCondition.when(traits: ["FilesAndCommands"])

// Targets are in dependency order: each one depends only on targets above it.
let package = Package(
  name: "swift-im2col",
  products: [
    .library(name: "Im2col", targets: ["Im2col"]),
    .library(name: "ConvNet", targets: ["ConvNet"]),
    .library(name: "ConvNetFiles", targets: ["ConvNetFiles"]),
    .library(name: "MNISTData", targets: ["MNISTData"]),
    .executable(name: "mnist", targets: ["mnist"]),
    .executable(name: "bench", targets: ["bench"]),
  ],
  traits: [
    .default(enabledTraits: ["FilesAndCommands"]),
    .trait(
      name: "FilesAndCommands",
      description: "The targets that need other packages: ConvNetFiles, MNISTData, mnist, bench and figures."),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
  ],
  targets: [
    // MARK: - C: BLAS, vector loops, zlib and libpng

    .systemLibrary(
      name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
    .target(name: "CBLASShim", dependencies: ["COpenBLAS"]),
    .target(name: "CKernels"),
    // Without pkgConfig, because packages that use ConvNet alone would get a warning to install zlib.
    .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
    .target(name: "CPNGShim", linkerSettings: [.linkedLibrary("png")]),

    // MARK: - Libraries

    .target(name: "Im2col", dependencies: ["CBLASShim", "CKernels"]),
    .target(name: "ConvNet", dependencies: ["Im2col", "CKernels"]),
    .target(
      name: "ConvNetFiles",
      dependencies: [
        "ConvNet", .product(name: "Crypto", package: "swift-crypto", condition: forFilesAndCommands),
      ]),
    .target(
      name: "MNISTData",
      dependencies: [
        "ConvNet", "ConvNetFiles", "CZlib",
        .product(name: "Crypto", package: "swift-crypto", condition: forFilesAndCommands),
      ],
      // FoundationNetworking needs libcurl, but does not declare it when linked statically.
      linkerSettings: [.linkedLibrary(":libcurl.so.4")]),
    .target(name: "DigitImages", dependencies: ["Im2col", "CPNGShim"]),

    // MARK: - Reference implementations in Double for tests and `bench` (not a product)

    .target(name: "Im2colReference", dependencies: ["Im2col", "ConvNet"]),

    // MARK: - Commands

    .target(name: "CArguments"),
    .target(name: "CommandSupport", dependencies: ["CArguments", "CKernels", "Im2col"]),
    .executableTarget(
      name: "mnist",
      dependencies: [
        "CKernels", "ConvNet", "ConvNetFiles", "MNISTData", "DigitImages", "CommandSupport",
        .product(name: "ArgumentParser", package: "swift-argument-parser", condition: forFilesAndCommands),
        .product(name: "Mustache", package: "swift-mustache", condition: forFilesAndCommands),
        .product(name: "Crypto", package: "swift-crypto", condition: forFilesAndCommands),
      ],
      path: "Sources/MNISTCommand", exclude: ["README.md"],
      // Compiled in, so that the command needs no other files.
      resources: [.embedInCode("Playground/Page")]),
    .executableTarget(
      name: "bench",
      dependencies: [
        "CKernels", "ConvNet", "Im2colReference", "CommandSupport",
        .product(name: "ArgumentParser", package: "swift-argument-parser", condition: forFilesAndCommands),
      ],
      path: "Benchmarks/bench"),
    .executableTarget(
      name: "figures",
      dependencies: [
        "ConvNet", "MNISTData",
        .product(name: "ArgumentParser", package: "swift-argument-parser", condition: forFilesAndCommands),
      ],
      path: "Benchmarks/figures"),

    // MARK: - Tests

    .target(name: "TestSupport", path: "Tests/TestSupport"),
    // The package Tests/Exercises has these targets, too; the solutions are not in it.
    .target(name: "Referee", dependencies: ["Im2col", "ConvNet"], path: "Tests/Exercises/Sources/Referee"),
    .target(name: "Solutions", dependencies: ["Referee"], path: "Tests/Exercises/Sources/Solutions"),
    .testTarget(name: "ExerciseTests", dependencies: ["Referee", "Solutions", "ConvNet"]),
    .testTarget(name: "Im2colTests", dependencies: ["Im2col", "Im2colReference"]),
    .testTarget(name: "ConvNetTests", dependencies: ["ConvNet", "CKernels", "Im2colReference"]),
    .testTarget(
      name: "ConvNetFilesTests", dependencies: ["ConvNetFiles", "Im2colReference", "TestSupport"],
      resources: [.copy("Fixtures")]),
    .testTarget(
      name: "MNISTDataTests",
      dependencies: [
        "MNISTData", "ConvNet", "CZlib", "TestSupport",
        .product(name: "Crypto", package: "swift-crypto", condition: forFilesAndCommands),
      ]),
    .testTarget(name: "DigitImagesTests", dependencies: ["DigitImages", "CZlib"]),
    .testTarget(
      name: "ConformanceTests", dependencies: ["ConvNet", "ConvNetFiles", "Im2colReference"],
      resources: [.copy("Fixtures")]),
    .testTarget(
      name: "ArticleTests",
      dependencies: [
        "ConvNet", "ConvNetFiles", "MNISTData", "figures", "Referee", "Solutions",
      ]),
    .testTarget(
      name: "CommandTests",
      dependencies: [
        "CommandSupport", "ConvNet", "ConvNetFiles", "MNISTData", "DigitImages", "TestSupport", "mnist",
        "bench",
      ],
      resources: [.copy("Fixtures")]),
  ],
  swiftLanguageModes: [.v6]
)
