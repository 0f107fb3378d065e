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
  /// The path of the report; nil if there is none.
  let report: String?
  /// Why the report could not be written.
  let reportFailure: (any Error)?

  /// Writes the model, and then the report: a failed report loses no model.
  ///
  /// - Parameters:
  ///   - path: the file of `--model`; nil without it.
  ///   - page: nil without a report.
  init(_ result: TrainingResult, model path: String?, page: ReportWriter?) {
    model = path.map { Self.write(result.file, to: $0) } ?? .none
    do {
      try page?.write(result)
      (report, reportFailure) = (page?.path, nil)
    } catch {
      (report, reportFailure) = (nil, error)
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
    return ofModel + (reportFailure.map { [$0] } ?? [])
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
