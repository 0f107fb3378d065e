import ConvNet
import ConvNetFiles

/// Prints the results of a training run as text.
final class ResultTable: TrainingObserver {
  private let stream: StandardStream

  init(_ stream: StandardStream) { self.stream = stream }

  func tested(_ result: TrainingResult) throws {
    let classes = ClassResults(result.evaluation.confusion, names: result.classNames)
    let rest = [
      ResultTable.row(seconds: result.seconds, imagesPerSecond: result.imagesPerSecond),
      ("sha256", result.digest),
    ]
    let lines =
      ResultTable.lines(ResultTable.rows(of: result.test)) + [""] + classes.lines + [""]
      + ResultTable.lines(rest)
    for line in lines { try stream.line(line) }
  }

  func finished(_ result: TrainingResult, _ files: FinalFiles) throws {
    let model =
      switch files.model {
      case .none: "not saved; use --model FILE to save it"
      case .written(let path), .fallback(let path, _): path.printable
      case .lost: "not saved"
      }
    let rows = [("model", model)] + files.pages.map { ($0.name, $0.path.printable) }
    for line in ResultTable.lines(rows) { try stream.line(line) }
  }

  typealias Row = (name: String, value: String)

  /// The rows for a test.
  static func rows(of test: Score) -> [Row] {
    [
      (
        "test accuracy",
        "\(NumberText.percent(test.accuracy, 2)) "
          + "(\(test.correct.grouped) of \(test.images.grouped))"
      ),
      ("test loss", NumberText.fixed(test.loss, 4)),
    ]
  }

  /// The row for the duration and the rate.
  static func row(seconds: Double, imagesPerSecond: Double) -> Row {
    ("time", "\(NumberText.fixed(seconds, 1)) s, \(imagesPerSecond.grouped) images/s")
  }

  /// Lines with the values aligned, even across separate tables.
  static func lines(_ rows: [Row]) -> [String] {
    rows.map { name, value in name.padding(to: "test accuracy".count + 2) + value }
  }
}

extension String {
  /// The text padded with spaces to a width.
  fileprivate func padding(to width: Int) -> String {
    self + String(repeating: " ", count: max(width - count, 0))
  }
}
