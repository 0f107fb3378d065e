import Foundation
import TestSupport
import Testing
import mnist

/// `mnist download`, and `mnist train` without images. No test uses the network.
@Suite struct MNISTDownloadTests {
  @Test func anUnreachableMirror() throws {
    let folder = try TemporaryFolder()
    let run = try MNISTCommandLine.run(["download", "--to", folder.path + "/mnist"])
    #expect(run.status == 1 && run.output.isEmpty)
    #expect(
      run.messages.hasPrefix("train-images-idx3-ubyte  127.0.0.1:1: no connection\nerror: cannot download"))
    #expect(run.messages.contains("--mirror URL") && run.messages.contains("--data DIR"))
    #expect(try folder.names.isEmpty)
  }

  @Test(arguments: [
    ["--mirror", "ftp://x"], ["--mirror", ""], ["--to", ""], ["--dataset", "cifar"], ["stray"],
  ])
  func usageErrors(arguments: [String]) throws {
    let run = try MNISTCommandLine.run(["download"] + arguments)
    #expect(run.status == 64 && run.output.isEmpty && run.messages.hasPrefix("error: "), "\(run.messages)")
  }

  /// A web page under the name of a file is rejected, and the folder is unchanged.
  @Test func aLoginPage() throws {
    let folder = try TemporaryFolder()
    let page = LoopbackServer.Answer.bytes(Array("<!DOCTYPE html><title>Log in</title>".utf8))
    let server = try LoopbackServer(["train-images-idx3-ubyte.gz": page])
    let run = try MNISTCommandLine.run([
      "download", "--to", folder.path, "--mirror", server.address, "--quiet",
    ])
    #expect(
      run.status == 1 && run.messages.hasPrefix("error: ") && run.messages.contains("a web page instead"))
    #expect(try folder.names.isEmpty)
  }

  /// Ctrl-C in the middle of a file gives the signal's status and leaves no files.
  @Test func interrupting() throws {
    let folder = try TemporaryFolder()
    let stall = LoopbackServer.Answer.stall([UInt8](repeating: 0, count: 1000), after: 100)
    let server = try LoopbackServer(["train-images-idx3-ubyte.gz": stall])
    let line =
      #"timeout --preserve-status -s INT 1 "$MNIST" download --to "$DIR/new" --mirror "# + server.address
    let run = try MNISTCommandLine.shell(line, folder: folder.path)
    #expect(run.status == 130 && run.output.isEmpty, "\(run.messages)")
    #expect(try folder.names.isEmpty)
  }

  /// Without images and network: Debian's data set if installed, else an error with all remedies.
  @Test func trainingWithoutImages() throws {
    let folder = try TemporaryFolder()
    let run = try MNISTCommandLine.run(
      ["train", "--limit", "32", "--epochs", "1", "--validation", "0"],
      environment: ["HOME": folder.path, "XDG_CACHE_HOME": ""])
    if FileManager.default.fileExists(atPath: "/usr/share/datasets/fashion-mnist") {
      #expect(run.status == 0)
      let line = run.messages.split(separator: "\n").first ?? ""
      #expect(line.hasPrefix("using fashion-mnist from "), "one line explains it: \(run.messages)")
      #expect(line.contains("none could be downloaded: 127.0.0.1:1: no connection"))
    } else {
      #expect(run.status == 1 && run.output.isEmpty)
      for remedy in ["mnist download", "MNIST_MIRROR", "--data", "apt-get install dataset-fashion-mnist"] {
        #expect(run.messages.contains(remedy))
      }
    }
    // FoundationNetworking creates its own empty folders in the home; the command leaves none.
    #expect(!FileManager.default.fileExists(atPath: folder.path + "/.cache/swift-im2col"))
  }

  @Test func aLineFitsTheTerminal() {
    let style = TextStyle(color: false, unicode: false)
    let text = { DownloadDisplay.line("train-images-idx3-ubyte", 3_000_000, $0, columns: $1, style: style) }
    #expect(
      text(12_000_000, 100)
        == "train-images-idx3-ubyte  ######------------------  3,000,000 of 12,000,000 bytes")
    #expect(text(nil, 100) == "train-images-idx3-ubyte  3,000,000 bytes")
    #expect(text(12_000_000, 40) == "train-images-idx3-ubyte  ##-------  25%")
    for columns in 0...120 { #expect(text(12_000_000, columns).count <= max(columns - 1, 0), "\(columns)") }
  }
}

private let originals = ProcessInfo.processInfo.environment["MNIST_DIR"].flatMap { $0.isEmpty ? nil : $0 }

/// MNIST, served locally from the folder named by `MNIST_DIR`; skipped if that is not set.
@Suite(.enabled(if: originals != nil, "set MNIST_DIR to the folder with MNIST's four files"))
struct RealDownloadTests {
  /// Serves the files of the folder; raw files are served uncompressed.
  private func server() throws -> LoopbackServer {
    let folder = try #require(originals)
    var answers: [String: LoopbackServer.Answer] = [:]
    for name in ["train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"] {
      let paths = ["\(folder)/\(name)-ubyte.gz", "\(folder)/\(name)-ubyte"]
      let path = try #require(paths.first { FileManager.default.fileExists(atPath: $0) })
      answers["\(name)-ubyte.gz"] = .bytes(Array(try Data(contentsOf: URL(fileURLWithPath: path))))
    }
    return try LoopbackServer(answers)
  }

  @Test func trainingDownloadsMissingFilesOnce() throws {
    let (folder, server) = (try TemporaryFolder(), try server())
    let train = { (mirror: String) in
      try MNISTCommandLine.run(
        ["train", "--limit", "32", "--epochs", "1", "--validation", "0"],
        environment: ["HOME": folder.path, "XDG_CACHE_HOME": folder.path, "MNIST_MIRROR": mirror])
    }
    let first = try train(server.address)
    #expect(first.status == 0, "\(first.messages)")
    #expect(
      first.messages.contains("using mnist from \(folder.path)/swift-im2col/mnist (downloaded just now)"))
    let second = try train("http://127.0.0.1:1/")
    #expect(second.messages.hasPrefix("using mnist from \(folder.path)/swift-im2col/mnist (the cache)"))
    #expect(first.lines.last == second.lines.last, "the same weights")
    #expect(server.requests.count == 4)
  }

  @Test func downloadingTwiceKeepsExistingFiles() throws {
    let (folder, server) = (try TemporaryFolder(), try server())
    let arguments = ["download", "--to", folder.path, "--mirror", server.address, "--json"]
    let first = try #require(try MNISTCommandLine.run(arguments).rows().first)
    #expect((first["fetched"] as? [String])?.count == 4 && first["dataset"] as? String == "mnist")
    let second = try #require(try MNISTCommandLine.run(arguments).rows().first)
    #expect((second["kept"] as? [String])?.count == 4 && second["bytes"] as? Int == 0)
    #expect(server.requests.count == 4)
    #expect(try folder.names.count == 4)
  }

  /// The files of another data set are intact but not the requested ones.
  @Test func theWrongDataset() throws {
    let (folder, server) = (try TemporaryFolder(), try server())
    let run = try MNISTCommandLine.run([
      "download", "--dataset", "fashion", "--to", folder.path, "--mirror", server.address,
    ])
    #expect(run.status == 1 && run.messages.contains("another file: its SHA-256 is ba891046e650..."))
    #expect(try folder.names.isEmpty)
  }
}
