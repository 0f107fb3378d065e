import ConvNetFiles
import Foundation

/// Downloads a data set's four files, each from the first mirror that has it.
///
///     existing files are kept; for every other file: try the mirrors in order, decompress, check SHA-256
///       -> when all are verified, write each atomically (AtomicFile)
///
///     let download = try MNISTDownload(.digits)
///     try download.download(into: "mnist") { event in print(event) }
///
/// No file is written until all missing ones are verified, and no existing file is replaced.
public struct MNISTDownload: Sendable {
  /// The data set.
  public let variant: MNISTVariant
  /// The mirrors in order; an unreachable one is tried once.
  public let mirrors: [Mirror]
  /// The maximum time without a byte, over all mirrors together.
  public var timeLimit = Duration.seconds(5)
  private let originals: [OriginalFile]
  /// The system calls that write the files.
  package var calls = FileCalls()

  /// An event during a download.
  public enum Event: Sendable, Equatable {
    /// A file is requested.
    case requested(file: String, mirror: String)
    /// A number of bytes has arrived; `announced` is the total, if the mirror states it.
    case received(file: String, bytes: Int, announced: Int?)
    /// The file has arrived and is verified.
    case verified(file: String, bytes: Int)
    /// A mirror did not provide the file.
    case failed(file: String, mirror: String, MirrorFailure)
    /// The file exists in the folder and is verified.
    case kept(file: String)
  }

  /// The result of a download.
  public struct Result: Sendable, Equatable {
    /// The names of the downloaded files.
    public let downloaded: [String]
    /// The names of the existing files.
    public let kept: [String]
    /// The number of downloaded bytes.
    public let bytes: Int
  }

  /// The environment variable that replaces the default mirrors.
  public static let environmentVariable = "MNIST_MIRROR"

  /// Prepares a download.
  ///
  /// - Parameters:
  ///   - mirrors: addresses of folders; if empty, the one in `MNIST_MIRROR`, or else the default ones.
  ///   - environment: the environment variables.
  /// - Throws: `DownloadError.badMirror` for a string that is not an http or https URL.
  public init(
    _ variant: MNISTVariant, mirrors: [String] = [],
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws(DownloadError) {
    let named = [environment[Self.environmentVariable] ?? ""].filter { !$0.isEmpty }
    let choices = [mirrors, named, variant.mirrors]
    try self.init(
      variant, originals: variant.originals, mirrors: choices.first { !$0.isEmpty } ?? variant.mirrors)
  }

  /// For tests: prepares a download of other files.
  package init(_ variant: MNISTVariant, originals: [OriginalFile], mirrors: [String]) throws(DownloadError) {
    (self.variant, self.originals) = (variant, originals)
    self.mirrors = try mirrors.map { address throws(DownloadError) in try Mirror(address) }
  }

  /// Downloads the files missing from a folder; returns when all are written.
  ///
  /// - Parameters:
  ///   - directory: the folder, which is created if it does not exist.
  ///   - progress: called with every event, on the caller's thread.
  ///   - isCancelled: called about twenty times per second; no file is written after it returns true.
  /// - Throws: `DownloadError`. No existing file is then changed.
  @discardableResult
  public func download(
    into directory: String, progress: (Event) -> Void = { _ in },
    isCancelled: () -> Bool = { Task.isCancelled }
  ) throws(DownloadError) -> Result {
    let present = try kept(in: directory)
    for file in present { progress(.kept(file: file)) }
    let missing = originals.filter { !present.contains($0.name) }
    guard !missing.isEmpty else { return Result(downloaded: [], kept: present, bytes: 0) }

    let folder = try inFolder { () throws(FileError) in try NewFolder(directory) }
    do throws(DownloadError) {
      // Before the download, check that the folder is writable (`.gz`: the longer of the possible names).
      try inFolder { () throws(FileError) in
        for file in missing { try AtomicFile.requireWritable("\(directory)/\(file.name).gz") }
      }
      var queue = MirrorQueue(mirrors, timeLimit: timeLimit)
      let files = try missing.map { file throws(DownloadError) in
        try queue.download(file, isCancelled, progress)
      }
      try inFolder { () throws(FileError) in
        for file in files {
          try AtomicFile.write(
            file.bytes, to: "\(directory)/\(file.name)", calls: calls, followsLinks: false)
        }
      }
      return Result(
        downloaded: files.map(\.name), kept: present, bytes: files.map(\.bytes.count).reduce(0, +))
    } catch {
      folder.remove()
      throw error
    }
  }

  /// The names of the verified files in a folder, raw or gzip.
  ///
  /// - Throws: `DownloadError.otherFile` for a file with other content: it would be read as the data set, and
  ///   must not be replaced.
  private func kept(in directory: String) throws(DownloadError) -> [String] {
    var kept: [String] = []
    for file in originals {
      let paths = ["\(directory)/\(file.name)", "\(directory)/\(file.name).gz"]
      guard let path = paths.first(where: { FileManager.default.fileExists(atPath: $0) }) else { continue }
      let digest: String
      do throws(DatasetError) {
        digest = try file.digest(of: PayloadReader(path: path))
      } catch {
        throw .badFile(error)
      }
      guard digest == file.digest else { throw .otherFile(path: path, expected: file.digest, actual: digest) }
      kept.append(file.name)
    }
    return kept
  }

  private func inFolder<Value>(_ body: () throws(FileError) -> Value) throws(DownloadError) -> Value {
    do throws(FileError) { return try body() } catch { throw .file(error) }
  }
}
