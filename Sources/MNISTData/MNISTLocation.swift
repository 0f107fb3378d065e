import Foundation

/// A folder to read MNIST's four files from, and why it is this one.
///
/// Looked for in this order:
///
///     --data DIR             taken as it is, never anything else
///     MNIST_DIR              likewise, where it is set and not empty
///     the cache              $XDG_CACHE_HOME/swift-im2col/mnist, else ~/.cache/swift-im2col/mnist
///     the web                only for who asks for it: fetched into the cache
///     Debian's own package   dataset-fashion-mnist, where that is installed
///
/// The cache and Debian's package are taken only if all four files are there.
public struct MNISTLocation: Sendable, Equatable {
  /// Why a folder was chosen.
  public enum Origin: Sendable, Equatable {
    /// The caller named it.
    case explicit
    /// The variable `MNIST_DIR` names it.
    case environment
    /// It is the folder that downloads are kept in.
    case cache
    /// The same, and the files have just been fetched.
    case download
    /// Debian's package `dataset-fashion-mnist` brings it.
    case debian
  }

  /// The folder.
  public let directory: String
  /// Why it was chosen.
  public let origin: Origin
  /// Why nothing could be fetched, where that was tried before.
  public let failedDownload: DownloadError?

  package init(directory: String, origin: Origin, failedDownload: DownloadError? = nil) {
    (self.directory, self.origin, self.failedDownload) = (directory, origin, failedDownload)
  }

  /// Where Debian's package `dataset-fashion-mnist` puts its files.
  public static let debianDirectory = "/usr/share/datasets/fashion-mnist"

  /// The environment variable that names a folder.
  public static let environmentVariable = "MNIST_DIR"

  /// Finds the folder to read from; looks at names only, not into files.
  ///
  /// - Parameters:
  ///   - explicit: the folder that the user named, if any.
  ///   - environment: the variables to look at.
  ///   - debianDirectory: where the system's package would be; another one is for tests.
  /// - Throws: `DatasetError.noDirectory` where the user named something that is no folder,
  ///   `DatasetError.notFound` with all remedies where nothing was named and nothing is there.
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

  /// As `find`, but before Debian's Fashion-MNIST is taken, MNIST is fetched into the cache.
  ///
  /// - Parameters:
  ///   - progress: sees the download; it is called on the caller's thread.
  ///   - isCancelled: whether to stop the download.
  /// - Throws: `DatasetError.noDirectory` as `find` does, `.notFetched` with all remedies where nothing is
  ///   there and nothing could be fetched.
  public static func findOrFetch(
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
        .fetch(into: cache, progress: progress, isCancelled: isCancelled)
      return MNISTLocation(directory: cache, origin: .download)
    } catch {
      guard searched.isEmpty, error != .cancelled else {
        throw .notFetched(searched: searched, reason: error)
      }
      return MNISTLocation(directory: debianDirectory, origin: .debian, failedDownload: error)
    }
  }

  /// The folder that downloads of a data set are kept in, or nil where the environment has no home.
  ///
  /// A relative `XDG_CACHE_HOME` is ignored, as the XDG Base Directory Specification asks.
  public static func cacheDirectory(
    of variant: MNISTVariant = .digits, environment: [String: String] = ProcessInfo.processInfo.environment
  ) -> String? {
    let absolute = { (name: String) in environment[name].flatMap { $0.hasPrefix("/") ? $0 : nil } }
    let caches = absolute("XDG_CACHE_HOME") ?? absolute("HOME").map { "\($0)/.cache" }
    return caches.map { "\($0)/swift-im2col/\(variant.rawValue)" }
  }

  /// One line that says which images are used and why, for a program to show.
  ///
  /// - Parameter name: `MNISTDataset.name` or `LabeledImages.name`.
  public func announcement(for name: String) -> String {
    let reason =
      switch origin {
      case .explicit: "named by --data"
      case .environment: "named by \(MNISTLocation.environmentVariable)"
      case .cache: "the cache"
      case .download: "fetched just now"
      case .debian:
        """
        Debian's dataset-fashion-mnist, as no MNIST was found\(afterDownload); --data DIR or MNIST_DIR=DIR names \
        another
        """
      }
    return "using \(name) from \(directory) (\(reason))"
  }

  private var afterDownload: String {
    failedDownload.map { " and none could be fetched: \($0.brief)" } ?? ""
  }

  /// The path of one of the files: raw where that is there, else gzip.
  ///
  /// - Throws: `DatasetError.missingFile` when neither is there.
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
