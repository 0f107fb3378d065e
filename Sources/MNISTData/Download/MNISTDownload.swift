import ConvNetFiles
import Foundation

/// Fetches a data set's four files from the first mirror that has them.
///
///     what is there is kept -> every other file: mirrors in turn -> unpacked -> SHA-256
///       -> when all are right, each is written beside its place, read back and renamed
///
///     let download = try MNISTDownload(.digits)
///     try download.fetch(into: "mnist") { event in print(event) }
///
/// Nothing is put in place unless all four files are right, and none is replaced.
public struct MNISTDownload: Sendable {
  /// Which data set.
  public let variant: MNISTVariant
  /// Whom to ask, in this order; one that cannot be reached is asked once.
  public let mirrors: [Mirror]
  /// The time without a byte, over all mirrors together, after which the download is given up.
  public var timeLimit = Duration.seconds(5)
  private let originals: [OriginalFile]

  /// What happens meanwhile.
  public enum Event: Sendable, Equatable {
    /// A file is asked for.
    case asking(file: String, mirror: String)
    /// So much of it has come; `announced` where the mirror says how much there will be.
    case received(file: String, bytes: Int, announced: Int?)
    /// The file is here and is the right one.
    case verified(file: String, bytes: Int)
    /// A mirror did not give it.
    case failed(file: String, mirror: String, MirrorFailure)
    /// The file lies in the folder already and is the right one.
    case kept(file: String)
  }

  /// What a download has done.
  public struct Result: Sendable, Equatable {
    /// The names of the files that were put in place.
    public let fetched: [String]
    /// The names of those that were there.
    public let kept: [String]
    /// Bytes that came.
    public let bytes: Int
  }

  /// The environment variable that names a mirror in place of the usual ones.
  public static let environmentVariable = "MNIST_MIRROR"

  /// Prepares a download.
  ///
  /// - Parameters:
  ///   - mirrors: addresses of folders; none for the one that `MNIST_MIRROR` names, else the usual ones.
  ///   - environment: the variables to look at.
  /// - Throws: `DownloadError.badMirror` for what is no address of a folder on the web.
  public init(
    _ variant: MNISTVariant, mirrors: [String] = [],
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws(DownloadError) {
    let named = [environment[Self.environmentVariable] ?? ""].filter { !$0.isEmpty }
    let choices = [mirrors, named, variant.mirrors]
    try self.init(
      variant, originals: variant.originals, mirrors: choices.first { !$0.isEmpty } ?? variant.mirrors)
  }

  /// Fetches other files than the four; tests have small ones.
  package init(_ variant: MNISTVariant, originals: [OriginalFile], mirrors: [String]) throws(DownloadError) {
    (self.variant, self.originals) = (variant, originals)
    self.mirrors = try mirrors.map { text throws(DownloadError) in try Mirror(text) }
  }

  /// Fetches what is missing in a folder; waits until it is there.
  ///
  /// - Parameters:
  ///   - directory: is made if it is not there.
  ///   - progress: is called on the caller's thread.
  ///   - isCancelled: is asked some twenty times a second; nothing is put in place once it says yes.
  /// - Throws: `DownloadError`; folders that were made are gone then, and what was there is as it was.
  @discardableResult
  public func fetch(
    into directory: String, progress: (Event) -> Void = { _ in },
    isCancelled: () -> Bool = { Task.isCancelled }
  ) throws(DownloadError) -> Result {
    let present = try kept(in: directory)
    for file in present { progress(.kept(file: file)) }
    let missing = originals.filter { !present.contains($0.name) }
    guard !missing.isEmpty else { return Result(fetched: [], kept: present, bytes: 0) }

    let folder = try inFolder { () throws(FileError) in try NewFolder(directory) }
    do throws(DownloadError) {
      // A folder that cannot be written is better found before the files are fetched.
      try inFolder { () throws(FileError) in
        for file in missing { try AtomicFile.requireWritable("\(directory)/\(file.name).gz") }
      }
      var queue = MirrorQueue(mirrors, timeLimit: timeLimit)
      let files = try missing.map { file throws(DownloadError) in
        try queue.fetch(file, isCancelled, progress)
      }
      try inFolder { () throws(FileError) in
        for file in files { try AtomicFile.write(file.bytes, to: "\(directory)/\(file.name)") }
      }
      return Result(
        fetched: files.map(\.name), kept: present, bytes: files.map(\.bytes.count).reduce(0, +))
    } catch {
      folder.remove()
      throw error
    }
  }

  /// The files that lie in a folder already, raw or gzip, and are the right ones.
  ///
  /// - Throws: `DownloadError.otherFile` for one that is not: readers would take it, and it may be dear to
  ///   somebody.
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
