import MNISTData

extension MNISTLocation {
  /// Finds a data set by name.
  ///
  ///     MNIST_DIR           if that folder has this data set
  ///     the cache           the folder for downloads of this data set
  ///     Debian's package    for Fashion-MNIST
  ///
  /// - Throws: `DatasetError` if `MNIST_DIR` is not usable, `DatasetNotFound` if no folder has the data set.
  static func find(_ variant: MNISTVariant) throws -> MNISTLocation {
    let (found, searched) = try search(variant)
    guard let found else { throw DatasetNotFound(variant: variant, searched: searched) }
    return found
  }

  /// The same, but downloads the data set to the cache if no folder has it.
  static func findOrDownload(
    _ variant: MNISTVariant, progress: (MNISTDownload.Event) -> Void, isCancelled: () -> Bool
  ) throws -> MNISTLocation {
    let (found, searched) = try search(variant)
    if let found { return found }
    do throws(DownloadError) {
      guard let cache = cacheDirectory(of: variant) else { throw .noCache }
      var download = try MNISTDownload(variant)
      download.calls = FileWarnings.calls
      try download.download(into: cache, progress: progress, isCancelled: isCancelled)
      return MNISTLocation(directory: cache, origin: .download)
    } catch {
      throw DatasetNotFound(variant: variant, searched: searched, failedDownload: error)
    }
  }

  private static func search(_ variant: MNISTVariant) throws -> (MNISTLocation?, searched: [String]) {
    var candidates: [MNISTLocation] = []
    var usual: MNISTLocation?
    do throws(DatasetError) {
      usual = try find()
    } catch {
      guard case .notFound = error else { throw error }
    }
    if let named = usual, named.origin == .environment {
      if try LabeledImages(.test, at: named).name == variant.rawValue { return (named, []) }
      candidates.append(named)
    }
    if let cache = cacheDirectory(of: variant) {
      candidates.append(MNISTLocation(directory: cache, origin: .cache))
    }
    if variant == .fashion {
      candidates.append(MNISTLocation(directory: debianDirectory, origin: .debian))
    }
    let found = candidates.first { $0.origin != .environment && $0.isComplete }
    return (found, candidates.map(\.directory))
  }
}

/// A data set that was chosen by name but is in no folder.
struct DatasetNotFound: Error, CustomStringConvertible {
  let variant: MNISTVariant
  let searched: [String]
  var failedDownload: DownloadError?

  var description: String {
    let download = failedDownload.map { ", and none could be downloaded: \($0.brief)" } ?? ""
    return "no \(variant.title) images found (looked in \(searched.joined(separator: ", ")))\(download); "
      + "download them with 'mnist download --dataset \(variant.defaultValueDescription)', or specify a folder "
      + "with --data DIR"
  }
}
