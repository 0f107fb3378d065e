import ConvNet
import ConvNetFiles

/// Prints the results of a training run as text.
final class ResultTable: TrainingObserver {
  private let stream: StandardStream

  init(_ stream: StandardStream) { self.stream = stream }

  func finished(_ result: TrainingResult) throws {
    let classes = ClassResults(result.evaluation.confusion, names: result.classNames)
    let rest =
      [
        ResultTable.row(seconds: result.seconds, imagesPerSecond: result.imagesPerSecond),
        ("model", result.modelPath?.printable ?? "not saved; use --model FILE to save it"),
        ("sha256", result.digest),
      ] + (result.reportPath.map { [("report", $0.printable)] } ?? [])
    let lines =
      ResultTable.lines(ResultTable.rows(of: result.test)) + [""] + classes.lines + [""]
      + ResultTable.lines(rest)
    for line in lines { try stream.line(line) }
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
