import ArgumentParser
import ConvNetFiles
import MNISTData

/// `mnist download`: downloads the four MNIST files from the first mirror that has them.
struct Download: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Download MNIST or Fashion-MNIST.",
    discussion: """
      Tries the mirrors in turn, fails after 5 seconds without a byte over all mirrors together, and installs the \
      four files only if the SHA-256 of the decompressed content of each is right. Existing files are checked and kept.

      Without --to, the files are written to the cache, where 'mnist train' finds them: $XDG_CACHE_HOME/swift-im2col, else \
      ~/.cache/swift-im2col. The variable MNIST_MIRROR names a mirror for this command and for 'mnist train'.

      EXAMPLES
        mnist download
        mnist download --dataset fashion --to fashion-mnist
        mnist download --mirror https://example.org/mnist/
      """)

  @Option(
    help: ArgumentHelp(
      "The folder to download to; created if needed. (default: the cache)", valueName: "dir"),
    completion: .directory)
  var to: String?

  @Option(
    help: ArgumentHelp(
      "The URL of a folder with the four files, used instead of the default mirrors; may be repeated.",
      valueName: "url"))
  var mirror: [String] = []

  @Option(
    name: .customLong("dataset"), help: ArgumentHelp("The data set. (default: digits)", valueName: "name"))
  var namedDataset: MNISTVariant?

  @Flag(help: "Print one JSON object.")
  var json = false

  @Flag(help: "Print results only, no progress.")
  var quiet = false

  private var dataset: MNISTVariant { namedDataset ?? .digits }

  func validate() throws {
    try requireName(to, "--to")
    for mirror in mirror {
      do { _ = try Mirror(mirror) } catch { throw ValidationError("--mirror: \(error)") }
    }
  }

  func run() throws {
    var download = try MNISTDownload(dataset, mirrors: mirror)
    download.calls = FileWarnings.calls
    guard let folder = to ?? MNISTLocation.cacheDirectory(of: dataset) else { throw DownloadError.noCache }
    let display = DownloadDisplay(quiet ? nil : Terminal(.error))
    let result = try display.watching { progress, isCancelled throws(DownloadError) in
      try download.download(into: folder, progress: progress, isCancelled: isCancelled)
    }
    try StandardStream.output.line(json ? record(of: result, in: folder) : sentence(of: result, in: folder))
  }

  private func record(of result: MNISTDownload.Result, in folder: String) throws -> String {
    var line = JSONLine()
    try line.add("dataset", dataset.rawValue)
    try line.add("directory", folder)
    try line.add("fetched", result.downloaded)
    try line.add("kept", result.kept)
    try line.add("bytes", result.bytes)
    return line.text
  }

  private func sentence(of result: MNISTDownload.Result, in folder: String) -> String {
    let parts = [
      (result.downloaded.count, "downloaded (\(result.bytes.grouped) bytes)"), (result.kept.count, "kept"),
    ]
    let counts = parts.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
    return "\(dataset.rawValue) is in \(folder.printable): \(counts), all with the right SHA-256"
  }
}
