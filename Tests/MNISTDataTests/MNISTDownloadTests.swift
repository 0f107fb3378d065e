import ConvNetFiles
import Crypto
import Foundation
import MNISTData
import TestSupport
import Testing

/// Downloads of four small files from local servers, without Internet access.
@Suite(.serialized) struct MNISTDownloadTests {
  private let folder: TemporaryFolder
  /// The contents of the four files by name.
  private let contents: [String: [UInt8]]

  init() throws {
    folder = try TemporaryFolder()
    contents = [
      "train-images-idx3-ubyte": SmallSet.train.imagesFile,
      "train-labels-idx1-ubyte": SmallSet.train.labelsFile,
      "t10k-images-idx3-ubyte": SmallSet.test.imagesFile, "t10k-labels-idx1-ubyte": SmallSet.test.labelsFile,
    ]
  }

  private static let third = "t10k-images-idx3-ubyte"

  private func server(_ changes: [String: LoopbackServer.Answer] = [:]) throws -> LoopbackServer {
    var answers: [String: LoopbackServer.Answer] = [:]
    for (name, bytes) in contents { answers[name + ".gz"] = .bytes(gzip(bytes)) }
    for (name, answer) in changes { answers[name + ".gz"] = answer }
    return try LoopbackServer(answers)
  }

  private func download(_ mirrors: [String], timeLimit: Duration = .seconds(5)) throws -> MNISTDownload {
    let originals = MNISTVariant.digits.originals.map { original in
      let bytes = contents[original.name] ?? []
      return OriginalFile(
        name: original.name, length: bytes.count, digest: SHA256.hash(data: bytes).hexadecimal)
    }
    var download = try MNISTDownload(.digits, originals: originals, mirrors: mirrors)
    download.timeLimit = timeLimit
    return download
  }

  private func names() throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: folder.path).sorted()
  }

  private var target: String { folder.path + "/new/folder" }

  @Test func fourFilesAreDownloadedAndRead() throws {
    let server = try server()
    var events: [MNISTDownload.Event] = []
    let result = try download([server.address]).download(into: target) { events.append($0) }
    #expect(result.downloaded.count == 4 && result.kept.isEmpty)
    #expect(server.requests == contents.keys.map { $0 + ".gz" }.sorted { order($0) < order($1) })
    let dataset = try MNISTDataset(at: MNISTLocation.find(explicit: target))
    #expect(dataset.train.imagesDigest() == SHA256.hash(data: SmallSet.train.imagesFile).hexadecimal)
    #expect(dataset.test.labelsDigest() == SHA256.hash(data: SmallSet.test.labelsFile).hexadecimal)
    #expect(try names().count == 2 + 4, "no temporary files")
    let size = gzip(SmallSet.test.labelsFile).count
    #expect(events.last == .verified(file: "t10k-labels-idx1-ubyte", bytes: size))
    #expect(events.contains(.received(file: "t10k-labels-idx1-ubyte", bytes: size, announced: size)))
  }

  /// Wrong responses of a mirror for the third file, and a part of the message.
  private static let faults:
    [(name: String, answer: @Sendable ([UInt8]) -> LoopbackServer.Answer, text: String)] = [
      ("a page", { _ in .bytes(Array("\n<!DOCTYPE html><p>Log in".utf8)) }, "a web page instead of the file"),
      ("not there", { _ in .bytes([], status: 404) }, "status 404"),
      ("overloaded", { _ in .bytes(Array("<html>later".utf8), status: 503) }, "status 503"),
      ("connection lost", { .cut(gzip($0), after: 20) }, "transfer closed with"),
      ("half a file", { .bytes(Array(gzip($0).prefix(25))) }, "cut short: "),
      ("half a raw file", { .bytes(Array($0.prefix(20))) }, "cut short: 20 of 28 bytes"),
      ("no checksum", { .bytes(gzip($0).dropLast(8)) }, "it ends before its checksum"),
      ("a wrong bit", { .bytes(gzip($0).enumerated().map { $0 == 20 ? $1 ^ 4 : $1 }) }, "damaged: "),
      ("nothing", { _ in .bytes([]) }, "cut short: 0 of 28 bytes"),
      (
        "another file", { _ in .bytes(gzip(SmallSet(labels: [1, 2], firstByte: 3).imagesFile)) },
        "another file: its SHA-256"
      ),
      ("too much", { .bytes(gzip($0 + [1])) }, "continues after the 28 bytes"),
      ("no end", { _ in .endless([UInt8](repeating: 7, count: 100_000)) }, "maximum of 1052 bytes"),
      ("stalls", { .stall(gzip($0), after: 10) }, "no data for 0.3 s"),
      ("says nothing", { .stall($0, after: nil) }, "no data for 0."),
    ]

  /// Short only in the tests of the time limit, because a machine under load may be slow too.
  private static func timeLimit(_ text: String) -> Duration {
    text.hasPrefix("no data") ? .milliseconds(300) : .seconds(5)
  }

  /// No files or folders remain.
  @Test(arguments: faults.indices)
  func aFaultOfTheOnlyMirrorLeavesNoFiles(index: Int) throws {
    let (name, answer, text) = Self.faults[index]
    let server = try server([Self.third: answer(contents[Self.third] ?? [])])
    let error = #expect(throws: DownloadError.self, "\(name)") {
      try download([server.address], timeLimit: Self.timeLimit(text)).download(into: target)
    }
    #expect("\(try #require(error))".contains(text), "\(name): \(String(describing: error))")
    #expect("\(try #require(error))".contains("--data DIR"))
    #expect(try names().isEmpty, "\(name)")
  }

  /// The same with a valid second mirror.
  @Test(arguments: faults.indices)
  func theSecondMirrorIsTried(index: Int) throws {
    let (name, answer, text) = Self.faults[index]
    let bad = try server([Self.third: answer(contents[Self.third] ?? [])])
    let good = try server()
    let result = try download([bad.address, good.address], timeLimit: Self.timeLimit(text) * 2).download(
      into: target)
    #expect(result.downloaded.count == 4, "\(name)")
    #expect(good.requests.contains(Self.third + ".gz"), "\(name)")
  }

  /// An unreachable mirror is tried once, not for every file.
  @Test func anUnreachableMirrorIsTriedOnce() throws {
    let good = try server()
    var failures = 0
    try download(["http://127.0.0.1:1/", good.address]).download(into: target) { event in
      if case .failed(_, "127.0.0.1:1", .connection("no connection")) = event { failures += 1 }
    }
    #expect(failures == 1 && good.requests.count == 4)
  }

  /// Three silent mirrors share the time limit. The next test checks how.
  @Test func silenceIsCountedOverAllMirrors() throws {
    let mirrors = try (0..<3).map { _ in
      try LoopbackServer(["train-images-idx3-ubyte.gz": .stall([], after: nil)])
    }
    var download = try download(mirrors.map(\.address))
    download.timeLimit = .milliseconds(600)
    var attempts = 0
    let time = ContinuousClock().measure {
      _ = try? download.download(into: target) { if case .requested = $0 { attempts += 1 } }
    }
    // Each of the three timers may end a little early.
    #expect(attempts == 3 && time >= .milliseconds(500), "\(time)")
  }

  @Test func everyByteRestoresTheTimeLimit() {
    var timeLimit = TimeLimit(.seconds(6))
    #expect(timeLimit.perMirror(of: 3) == .seconds(2))
    timeLimit.spend(.seconds(2))
    #expect(timeLimit.perMirror(of: 2) == .seconds(2))
    timeLimit.spend(.seconds(5))
    #expect(timeLimit.perMirror(of: 1) == .zero)
    timeLimit.restore()
    #expect(timeLimit.perMirror(of: 1) == .seconds(6))
  }

  /// Servers may decompress a file; it is then stored raw.
  @Test func aRawFileIsAccepted() throws {
    let server = try server([Self.third: .bytes(contents[Self.third] ?? [])])
    #expect(try download([server.address]).download(into: target).downloaded.contains(Self.third))
    #expect(try MNISTDataset(at: MNISTLocation.find(explicit: target)).test.count == 2)
  }

  @Test func existingFilesAreKept() throws {
    let raw = try folder.write(contents[Self.third] ?? [], Self.third)
    let packed = try folder.write(gzip(SmallSet.train.labelsFile), "train-labels-idx1-ubyte.gz")
    let before = try [raw, packed].map {
      try FileManager.default.attributesOfItem(atPath: $0)[.modificationDate] as? Date
    }
    let server = try server()
    let result = try download([server.address]).download(into: folder.path)
    #expect(result.kept == ["train-labels-idx1-ubyte", Self.third])
    #expect(server.requests == ["train-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"])
    #expect(
      try [raw, packed].map {
        try FileManager.default.attributesOfItem(atPath: $0)[.modificationDate] as? Date
      } == before)
    let again = try download(["http://127.0.0.1:1/"]).download(into: folder.path)
    #expect(again.kept.count == 4 && again.downloaded.isEmpty && again.bytes == 0)
  }

  /// An existing file with other content is an error and stays unchanged.
  @Test(arguments: [false, true]) func otherFilesAreNotReplaced(damaged: Bool) throws {
    let bytes = damaged ? Array(SmallSet.test.imagesFile.dropLast()) : SmallSet(labels: [7, 3]).imagesFile
    let path = try folder.write(bytes, Self.third)
    let server = try server()
    let error = #expect(throws: DownloadError.self) {
      try download([server.address]).download(into: folder.path)
    }
    let text = "\(try #require(error))"
    #expect(text.contains(path) && text.contains("mov"), "\(text)")
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data(bytes))
    #expect(server.requests.isEmpty)
  }

  /// The error occurs before any request.
  @Test func unwritableFolders() throws {
    let server = try server()
    let file = try folder.write([1], "file")
    for path in [file, file + "/below", "/proc/nowhere", "/proc", ""] {
      let error = #expect(throws: DownloadError.self, "\(path)") {
        try download([server.address]).download(into: path)
      }
      guard case .file = error else {
        Issue.record("\(path): \(String(describing: error))")
        continue
      }
    }
    #expect(server.requests.isEmpty)
    #expect(try names() == ["file"])
  }

  @Test func cancellingLeavesNoFiles() throws {
    let server = try server([Self.third: .stall(gzip(contents[Self.third] ?? []), after: 10)])
    var isRequested = false
    #expect(throws: DownloadError.cancelled) {
      try download([server.address]).download(
        into: target, progress: { if case .requested(Self.third, _) = $0 { isRequested = true } },
        isCancelled: { isRequested })
    }
    #expect(isRequested)
    #expect(try names().isEmpty)
  }

  @Test(arguments: [
    "", "x", "ftp://x/", "http://", "file:///etc", "http://x/?q=1", "https://x/#a", "http:// x/",
  ])
  func invalidMirrors(text: String) {
    #expect(throws: DownloadError.badMirror(text)) { try Mirror(text) }
  }

  @Test func mirrorAddresses() throws {
    #expect(try Mirror("http://x.org/a") == Mirror("http://x.org/a/"))
    #expect(try Mirror("HTTPS://x.org:8080").name == "x.org:8080")
    let named = try MNISTDownload(.digits, environment: ["MNIST_MIRROR": "http://x.org/"])
    #expect(named.mirrors == [try Mirror("http://x.org")])
    #expect(
      try MNISTDownload(.digits, mirrors: ["http://y"], environment: ["MNIST_MIRROR": "http://x"]).mirrors
        .map(\.name) == ["y"])
    for variant in MNISTVariant.allCases {
      #expect(try MNISTDownload(variant, environment: ["MNIST_MIRROR": ""]).mirrors.count == 3)
      #expect(variant.originals.map(\.length) == [47_040_016, 60_008, 7_840_016, 10_008])
    }
  }

  private func order(_ name: String) -> Int {
    MNISTVariant.digits.originals.firstIndex { name.hasPrefix($0.name) } ?? 0
  }
}
