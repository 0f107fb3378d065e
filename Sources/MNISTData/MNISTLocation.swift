import Foundation

/// The folder with MNIST's four files, and why it was chosen.
///
/// The first of these that applies is used:
///
///     --data DIR             no other folder is tried
///     MNIST_DIR              if set and not empty; no other folder is tried
///     the cache              $XDG_CACHE_HOME/swift-im2col/mnist, else ~/.cache/swift-im2col/mnist
///     the web                `findOrDownload` only: downloaded into the cache
///     Debian's package       dataset-fashion-mnist, if installed
///
/// The cache and Debian's package are used only if they have all four files.
public struct MNISTLocation: Sendable, Equatable {
  /// Why a folder was chosen.
  public enum Origin: Sendable, Equatable {
    /// The caller named it.
    case explicit
    /// The variable `MNIST_DIR` names it.
    case environment
    /// It is the cache of downloads.
    case cache
    /// It is the cache, and the files have just been downloaded.
    case download
    /// It belongs to Debian's package `dataset-fashion-mnist`.
    case debian
  }

  /// The path of the folder.
  public let directory: String
  /// Why the folder was chosen.
  public let origin: Origin
  /// Why a preceding download failed; nil if there was none.
  public let failedDownload: DownloadError?

  package init(directory: String, origin: Origin, failedDownload: DownloadError? = nil) {
    (self.directory, self.origin, self.failedDownload) = (directory, origin, failedDownload)
  }

  /// The folder of Debian's package `dataset-fashion-mnist`.
  public static let debianDirectory = "/usr/share/datasets/fashion-mnist"

  /// The environment variable that names a folder.
  public static let environmentVariable = "MNIST_DIR"

  /// Finds the folder to read from. Only file names are checked, not contents.
  ///
  /// - Parameters:
  ///   - explicit: the folder that the user named, if any.
  ///   - environment: the environment variables.
  ///   - debianDirectory: the folder of Debian's package; tests use another one.
  /// - Throws: `DatasetError.noDirectory` when the user named something other than a folder,
  ///   `DatasetError.notFound` with all remedies when no folder was named and none was found.
  public static func find(
    explicit: String? = nil, environment: [String: String] = ProcessInfo.processInfo.environment,
    debianDirectory: String = debianDirectory
  ) throws(DatasetError) -> MNISTLocation {
    if let explicit {
      return try named(explicit, by: "--data", origin: .explicit)
    }
    if let directory = environment[environmentVariable], !directory.isEmpty {
      return try named(directory, by: environmentVariable, origin: .environment)
    }
    let cache = cacheDirectory(environment: environment).map { MNISTLocation(directory: $0, origin: .cache) }
    let candidates = [cache, MNISTLocation(directory: debianDirectory, origin: .debian)].compactMap { $0 }
    guard let found = candidates.first(where: \.isComplete) else {
      throw .notFound(searched: candidates.map(\.directory))
    }
    return found
  }

  /// Finds the folder as `find` does, but downloads MNIST into the cache before Debian's Fashion-MNIST is
  /// used.
  ///
  /// - Parameters:
  ///   - progress: called with every event of the download, on the caller's thread.
  ///   - isCancelled: whether to stop the download.
  /// - Throws: `DatasetError.noDirectory` as `find` does, `.notDownloaded` with all remedies when no folder
  ///   was found and the download failed.
  public static func findOrDownload(
    explicit: String? = nil, environment: [String: String] = ProcessInfo.processInfo.environment,
    debianDirectory: String = debianDirectory, progress: (MNISTDownload.Event) -> Void = { _ in },
    isCancelled: () -> Bool = { Task.isCancelled }
  ) throws(DatasetError) -> MNISTLocation {
    let searched: [String]
    do throws(DatasetError) {
      let found = try find(explicit: explicit, environment: environment, debianDirectory: debianDirectory)
      guard found.origin == .debian else { return found }
      searched = []
    } catch .notFound(let folders) {
      searched = folders
    }
    do throws(DownloadError) {
      guard let cache = cacheDirectory(environment: environment) else { throw .noCache }
      try MNISTDownload(.digits, environment: environment)
        .download(into: cache, progress: progress, isCancelled: isCancelled)
      return MNISTLocation(directory: cache, origin: .download)
    } catch {
      guard searched.isEmpty, error != .cancelled else {
        throw .notDownloaded(searched: searched, reason: error)
      }
      return MNISTLocation(directory: debianDirectory, origin: .debian, failedDownload: error)
    }
  }

  /// The cache folder for downloads of a data set; nil if neither `HOME` nor `XDG_CACHE_HOME` is set
  /// to an absolute path.
  ///
  /// A relative `XDG_CACHE_HOME` is ignored, as the XDG Base Directory Specification requires.
  public static func cacheDirectory(
    of variant: MNISTVariant = .digits, environment: [String: String] = ProcessInfo.processInfo.environment
  ) -> String? {
    let absolute = { (name: String) in environment[name].flatMap { $0.hasPrefix("/") ? $0 : nil } }
    let caches = absolute("XDG_CACHE_HOME") ?? absolute("HOME").map { "\($0)/.cache" }
    return caches.map { "\($0)/swift-im2col/\(variant.rawValue)" }
  }

  /// A line to print, with the images that are used and the reason.
  ///
  /// - Parameter name: `MNISTDataset.name` or `LabeledImages.name`.
  public func announcement(for name: String) -> String {
    let reason =
      switch origin {
      case .explicit: "named by --data"
      case .environment: "named by \(MNISTLocation.environmentVariable)"
      case .cache: "the cache"
      case .download: "downloaded just now"
      case .debian:
        """
        Debian's dataset-fashion-mnist, because no MNIST was found\(afterDownload); choose another folder with \
        --data DIR or MNIST_DIR=DIR
        """
      }
    return "using \(name) from \(directory) (\(reason))"
  }

  private var afterDownload: String {
    failedDownload.map { " and none could be downloaded: \($0.brief)" } ?? ""
  }

  /// The path of one of the files: the raw file if it exists, else the gzip file.
  ///
  /// - Throws: `DatasetError.missingFile` when neither exists.
  func path(of name: String) throws(DatasetError) -> String {
    for path in ["\(directory)/\(name)", "\(directory)/\(name).gz"]
    where FileManager.default.fileExists(atPath: path) {
      return path
    }
    throw .missingFile(directory: directory, name: name)
  }

  package var isComplete: Bool {
    MNISTPart.allCases.flatMap { [$0.imagesName, $0.labelsName] }.allSatisfy { name in
      (try? path(of: name)) != nil
    }
  }

  private static func named(_ directory: String, by name: String, origin: Origin) throws(DatasetError)
    -> MNISTLocation
  {
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: directory, isDirectory: &isDirectory), isDirectory.boolValue
    else { throw .noDirectory(path: directory, namedBy: name) }
    return MNISTLocation(directory: directory, origin: origin)
  }
}
