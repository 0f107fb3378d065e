import Foundation
import MNISTData
import TestSupport
import Testing

@Suite struct MNISTLocationTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func find(_ explicit: String? = nil, _ environment: [String: String] = [:], debian: String = "none")
    throws(DatasetError) -> MNISTLocation
  {
    try MNISTLocation.find(
      explicit: explicit, environment: environment, debianDirectory: "\(folder.path)/\(debian)")
  }

  @Test func theExplicitFolderIsFirstWithoutFallback() throws {
    let other = try folder.writeDataset("other", gzipped: false).directory
    let found = try find(folder.path, ["MNIST_DIR": other], debian: "other")
    #expect(found.directory == folder.path && found.origin == .explicit)
    let missing = "\(folder.path)/missing"
    #expect(throws: DatasetError.noDirectory(path: missing, namedBy: "--data")) {
      try find(missing, ["MNIST_DIR": other], debian: "other")
    }
    #expect(throws: DatasetError.noDirectory(path: "", namedBy: "--data")) { try find("") }
    let file = try folder.write([1], "file")
    #expect(throws: DatasetError.noDirectory(path: file, namedBy: "--data")) { try find(file) }
  }

  @Test func theEnvironmentIsSecond() throws {
    let named = try folder.writeDataset("named", gzipped: false).directory
    try folder.writeDataset("cache/swift-im2col/mnist", gzipped: true)
    let cache = "\(folder.path)/cache"
    let found = try find(nil, ["MNIST_DIR": named, "XDG_CACHE_HOME": cache])
    #expect(found.directory == named && found.origin == .environment)
    #expect(throws: DatasetError.noDirectory(path: "\(named)-not", namedBy: "MNIST_DIR")) {
      try find(nil, ["MNIST_DIR": "\(named)-not", "XDG_CACHE_HOME": cache])
    }
    #expect(try find(nil, ["MNIST_DIR": "", "XDG_CACHE_HOME": cache]).origin == .cache)
  }

  @Test func theCacheIsThird() throws {
    try folder.writeDataset("xdg/swift-im2col/mnist", gzipped: true)
    try folder.writeDataset("home/.cache/swift-im2col/mnist", gzipped: true)
    try folder.writeDataset("debian", gzipped: true)
    let (xdg, home) = ("\(folder.path)/xdg", "\(folder.path)/home")
    let byVariable = try find(nil, ["XDG_CACHE_HOME": xdg, "HOME": home], debian: "debian")
    #expect(byVariable.directory == "\(xdg)/swift-im2col/mnist" && byVariable.origin == .cache)
    for ignored in [[:], ["XDG_CACHE_HOME": ""], ["XDG_CACHE_HOME": "xdg"]] {
      let byHome = try find(nil, ["HOME": home].merging(ignored) { $1 }, debian: "debian")
      #expect(byHome.directory == "\(home)/.cache/swift-im2col/mnist", "\(ignored)")
    }
  }

  @Test func debianIsLastAndAnIncompleteCacheIsSkipped() throws {
    try folder.writeDataset("debian", gzipped: true)
    try folder.writeDataset("xdg/swift-im2col/mnist", gzipped: true)
    try FileManager.default.removeItem(
      atPath: "\(folder.path)/xdg/swift-im2col/mnist/t10k-labels-idx1-ubyte.gz")
    for environment in [[:], ["XDG_CACHE_HOME": "\(folder.path)/xdg"]] {
      let found = try find(nil, environment, debian: "debian")
      #expect(found.origin == .debian)
      let line = found.announcement(for: "fashion-mnist")
      for part in ["fashion-mnist", found.directory, "dataset-fashion-mnist", "--data", "MNIST_DIR"] {
        #expect(line.contains(part))
      }
      #expect(!line.contains("\n"))
    }
  }

  @Test func nothingFoundNamesEveryRemedy() throws {
    let error = #expect(throws: DatasetError.self) { try find(nil, ["HOME": folder.path]) }
    let text = "\(try #require(error))"
    for part in [
      "--data", "MNIST_DIR", "apt-get install dataset-fashion-mnist", "\(folder.path)/none",
      "\(folder.path)/.cache/swift-im2col/mnist",
    ] {
      #expect(text.contains(part), "\(part) in: \(text)")
    }
  }

  @Test func announcementsHaveTheReason() throws {
    let named = try find(folder.path).announcement(for: "mnist")
    #expect(named == "using mnist from \(folder.path) (named by --data)")
    let environment = try find(nil, ["MNIST_DIR": folder.path]).announcement(for: "mnist")
    #expect(environment == "using mnist from \(folder.path) (named by MNIST_DIR)")
  }

  /// A named folder or the cache avoids a download; Debian's set is used only after a failed download.
  @Test func theDownloadPrecedesDebian() throws {
    func findOrDownload(_ explicit: String? = nil, _ environment: [String: String], debian: String)
      throws(DatasetError) -> MNISTLocation
    {
      let mirror = ["MNIST_MIRROR": "http://127.0.0.1:1/"]
      return try MNISTLocation.findOrDownload(
        explicit: explicit, environment: environment.merging(mirror) { $1 },
        debianDirectory: "\(folder.path)/\(debian)")
    }
    let named = try folder.writeDataset("debian", gzipped: true).directory
    let home = ["HOME": "\(folder.path)/home"]
    #expect(try findOrDownload(named, home, debian: "none").origin == .explicit)
    #expect(
      try findOrDownload(nil, home.merging(["MNIST_DIR": named]) { $1 }, debian: "none").origin
        == .environment)
    #expect(throws: DatasetError.noDirectory(path: "x", namedBy: "--data")) {
      try findOrDownload("x", home, debian: "debian")
    }
    let debian = try findOrDownload(nil, home, debian: "debian")
    #expect(debian.origin == .debian && debian.directory == named)
    let line = debian.announcement(for: "fashion-mnist")
    #expect(
      line.contains(
        "because no MNIST was found and none could be downloaded: 127.0.0.1:1: no connection; choose another")
    )
    let error = #expect(throws: DatasetError.self) { try findOrDownload(nil, home, debian: "none") }
    #expect(
      "\(try #require(error))".contains("none could be downloaded: 127.0.0.1:1: no connection; try again"))
    #expect(throws: DatasetError.notDownloaded(searched: ["\(folder.path)/none"], reason: .noCache)) {
      try findOrDownload(nil, [:], debian: "none")
    }
    #expect(!FileManager.default.fileExists(atPath: "\(folder.path)/home"))
    try folder.writeDataset("home/.cache/swift-im2col/mnist", gzipped: false)
    #expect(try findOrDownload(nil, home, debian: "debian").origin == .cache)
  }
}
