import ArgumentParser
import ConvNet
import Foundation
import Im2col
import MNISTData

/// The number of threads.
struct ThreadOptions: ParsableArguments {
  @Option(
    name: .customLong("threads"),
    help: ArgumentHelp("The number of threads; it does not change the results.", valueName: "n"))
  var count = Workers.availableCores

  func validate() throws { try require(count, in: 1...Workers.limit, "--threads") }

  /// Compute options with that number of workers.
  func computeOptions() throws -> ComputeOptions { ComputeOptions(workers: try Workers(count)) }
}

/// Parsed from `255` or `256`.
extension PixelScale: ExpressibleByArgument {}

extension CompletionKind {
  /// Model files.
  static var model: CompletionKind { .file(extensions: ["safetensors"]) }
}

/// Checks a path from the command line; nil if the option was not given.
///
/// - Throws: `ValidationError` with the option if the path is empty.
func requireName(_ path: String?, _ option: String) throws {
  if let path, path.isEmpty { throw ValidationError("\(option) is empty; give the path of a file or folder") }
}

/// Checks a number from the command line.
///
/// - Throws: `ValidationError` with the option, the number and the range.
func require<Number: Comparable>(_ value: Number, in range: ClosedRange<Number>, _ option: String) throws {
  guard range.contains(value) else {
    throw ValidationError("\(option) is \(value); it must be in \(range.lowerBound)...\(range.upperBound)")
  }
}

/// Checks that two paths name different files; nil if an option was not given.
///
/// - Throws: `ValidationError` if both paths resolve to the same file.
func requireDifferent(_ path: String?, _ other: String?, _ what: String) throws {
  guard let path, let other else { return }
  let resolved = [path, other].map {
    URL(fileURLWithPath: $0).resolvingSymlinksInPath().standardizedFileURL.path
  }
  guard resolved[0] != resolved[1] else { throw ValidationError("\(what) \(other); choose another name") }
}
