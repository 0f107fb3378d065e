import ArgumentParser
import ConvNet
import Foundation
import Im2col
import MNISTData

/// Where the images come from.
struct DataOptions: ParsableArguments {
  @Option(
    name: .customLong("data"),
    help: ArgumentHelp(
      "The folder with MNIST's four files, raw or gzip. Only this folder is looked at then.", valueName: "dir"
    ), completion: .directory)
  var folder: String?

  func validate() throws { try requireName(folder, "--data") }

  /// The folder that the user named, else the first of the usual ones that has images.
  func location() throws -> MNISTLocation { try MNISTLocation.find(explicit: folder) }

  /// The same, but MNIST is fetched before Debian's Fashion-MNIST is taken in its place.
  func locationOrDownload(quiet: Bool) throws -> MNISTLocation {
    try DownloadDisplay(quiet ? nil : Terminal(.error)).watching {
      progress, isCancelled throws(DatasetError) in
      try MNISTLocation.findOrFetch(
        explicit: folder,
        progress: { event in
          // What failed is in the line that says what is used instead.
          if case .failed = event { return }
          progress(event)
        }, isCancelled: isCancelled)
    }
  }
}

/// How many threads work.
struct ThreadOptions: ParsableArguments {
  @Option(
    name: .customLong("threads"), help: "Threads that share the work; the results do not depend on it.")
  var count = Workers.availableCores

  func validate() throws { try require(count, in: 1...Workers.limit, "--threads") }

  /// Options with so many workers.
  func computeOptions() throws -> ComputeOptions { ComputeOptions(workers: try Workers(count)) }
}

/// The divisor of a pixel's byte, as `255` or `256`.
extension PixelScale: ExpressibleByArgument {}

extension CompletionKind {
  /// Files of models.
  static var model: CompletionKind { .file(extensions: ["safetensors"]) }
}

/// Checks a path from the command line; nil where the option was not given.
///
/// - Throws: `ValidationError` with the option when the path is empty.
func requireName(_ path: String?, _ option: String) throws {
  if let path, path.isEmpty { throw ValidationError("\(option) is empty; name a file or folder") }
}

/// Checks a number from the command line.
///
/// - Throws: `ValidationError` with the option, the number and the range.
func require<Number: Comparable>(_ value: Number, in range: ClosedRange<Number>, _ option: String) throws {
  guard range.contains(value) else {
    throw ValidationError("\(option) is \(value); it must lie in \(range.lowerBound)...\(range.upperBound)")
  }
}

/// Checks that a file to be written is not one that is needed; nil where an option was not given.
///
/// - Throws: `ValidationError` when both paths lead to one place.
func requireDifferent(_ path: String?, _ other: String?, _ what: String) throws {
  guard let path, let other else { return }
  let places = [path, other].map {
    URL(fileURLWithPath: $0).resolvingSymlinksInPath().standardizedFileURL.path
  }
  guard places[0] != places[1] else { throw ValidationError("\(what) \(other); give it another name") }
}
