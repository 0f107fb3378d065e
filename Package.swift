// swift-tools-version: 6.2
import PackageDescription

/// Other packages come in for files and commands alone: whoever depends on Im2col or ConvNet with
/// `traits: []` fetches none of them (`Tests/Consumer`).
let forFilesAndCommands = TargetDependencyCondition.when(traits: ["FilesAndCommands"])

// Read from top to bottom: each target may import only what stands above it,
// and an image travels down the same way, from sgemm to the commands.
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
      description: "What needs other packages: ConvNetFiles, MNISTData, mnist, bench and figures."),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
  ],
  targets: [
    // MARK: - C below Swift: the BLAS and the vector loops

    .systemLibrary(
      name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
    .target(name: "CBLASShim", dependencies: ["COpenBLAS"]),
    .target(name: "CKernels"),
    // Without pkgConfig, as packages that take ConvNet alone would be told to install it.
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
      // FoundationNetworking stands on it, and does not say so where it is linked statically.
      linkerSettings: [.linkedLibrary(":libcurl.so.4")]),
    .target(name: "DigitImages", dependencies: ["Im2col", "CPNGShim"]),

    // MARK: - The referee: slow, obvious twins in Double (not a product)

    .target(name: "Im2colReference", dependencies: ["Im2col", "ConvNet"]),

    // MARK: - Commands

    .executableTarget(
      name: "mnist",
      dependencies: [
        "CKernels", "ConvNet", "ConvNetFiles", "MNISTData", "DigitImages",
        .product(name: "ArgumentParser", package: "swift-argument-parser", condition: forFilesAndCommands),
        .product(name: "Mustache", package: "swift-mustache", condition: forFilesAndCommands),
      ],
      path: "Sources/MNISTCommand"),
    .executableTarget(
      name: "bench",
      dependencies: [
        "ConvNet", "Im2colReference",
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

    .target(name: "LoopbackServer", path: "Tests/LoopbackServer"),
    .testTarget(name: "Im2colTests", dependencies: ["Im2col", "Im2colReference"]),
    .testTarget(name: "ConvNetTests", dependencies: ["ConvNet", "CKernels", "Im2colReference"]),
    .testTarget(
      name: "ConvNetFilesTests", dependencies: ["ConvNetFiles", "Im2colReference"],
      resources: [.copy("Fixtures")]),
    .testTarget(
      name: "MNISTDataTests",
      dependencies: [
        "MNISTData", "ConvNet", "CZlib", "LoopbackServer",
        .product(name: "Crypto", package: "swift-crypto", condition: forFilesAndCommands),
      ]),
    .testTarget(name: "DigitImagesTests", dependencies: ["DigitImages", "CZlib"]),
    .testTarget(
      name: "ConformanceTests", dependencies: ["ConvNet", "ConvNetFiles", "Im2colReference"],
      resources: [.copy("Fixtures")]),
    .testTarget(name: "ArticleTests", dependencies: ["ConvNet", "MNISTData", "figures"]),
    .testTarget(
      name: "CommandTests",
      dependencies: [
        "ConvNet", "ConvNetFiles", "MNISTData", "DigitImages", "LoopbackServer", "mnist", "bench",
      ],
      resources: [.copy("Fixtures")]),
  ],
  swiftLanguageModes: [.v6]
)
