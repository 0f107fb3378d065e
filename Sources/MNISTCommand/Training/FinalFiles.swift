import ConvNetFiles

/// What became of the files that a training run writes after its test.
struct FinalFiles {
  /// What became of the model.
  enum Model {
    /// `--model` was not given.
    case none
    case written(String)
    /// The model is in another file, because the file of `--model` could not be written.
    case fallback(String, ModelNotWritten)
    /// The model could not be written anywhere.
    case lost(ModelNotWritten)
  }

  let model: Model
  /// The pages that were written: the report and the playground.
  private(set) var pages: [FinalPage] = []
  /// Why other pages could not be written.
  private var pageFailures: [any Error] = []

  /// Writes the model, and then the pages: a failed page loses no model.
  ///
  /// - Parameters:
  ///   - path: the file of `--model`; nil without it.
  ///   - pages: the pages of the options.
  init(_ result: TrainingResult, model path: String?, pages: [FinalPage]) {
    model = path.map { Self.write(result.file, to: $0) } ?? .none
    for page in pages {
      do {
        try page.write(result)
        self.pages.append(page)
      } catch {
        pageFailures.append(error)
      }
    }
  }

  /// The file of `--model`; nil if it was not written.
  var modelPath: String? {
    if case .written(let path) = model { path } else { nil }
  }

  /// The errors, the more important one first.
  var failures: [any Error] {
    let ofModel: [any Error] =
      switch model {
      case .fallback(_, let failure), .lost(let failure): [failure]
      case .none, .written: []
      }
    return ofModel + pageFailures
  }

  private static func write(_ file: ModelFile, to path: String) -> Model {
    do throws(ModelFileError) {
      try file.write(to: path, calls: FileWarnings.calls)
      return .written(path)
    } catch {
      let reason = error
      guard
        let fallback = FallbackFile.firstWritten({ (path) throws(ModelFileError) in
          try file.write(to: path, calls: FileWarnings.calls, followsLinks: false)
        })
      else { return .lost(ModelNotWritten(reason, fallback: nil)) }
      return .fallback(fallback, ModelNotWritten(reason, fallback: fallback))
    }
  }
}

/// A page about a training run.
struct FinalPage {
  /// The name in the results: `report` or `playground`.
  let name: String
  let path: String
  let write: (TrainingResult) throws -> Void
}

/// A model that is not in the file of `--model`.
struct ModelNotWritten: Error, CustomStringConvertible {
  let description: String

  init(_ reason: ModelFileError, fallback: String?) {
    let rest =
      fallback.map { "the model is in \($0.printable) instead; move it to where you want it" }
      ?? "no other folder could hold the model either: \(FallbackFile.advice)"
    description = "\(reason); \(rest)"
  }
}
