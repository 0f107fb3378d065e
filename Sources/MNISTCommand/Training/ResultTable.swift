import ConvNet
import ConvNetFiles

/// Shows people what came out of a training.
final class ResultTable: TrainingObserver {
  private let stream: StandardStream

  init(_ stream: StandardStream) { self.stream = stream }

  func finished(_ result: TrainingResult) throws {
    let classes = ClassResults(result.evaluation.confusion, names: result.classNames)
    let rest =
      [
        ResultTable.row(seconds: result.seconds, imagesPerSecond: result.imagesPerSecond),
        ("model", result.modelPath?.printable ?? "not kept; --model FILE keeps it"),
        ("sha256", result.digest),
      ] + (result.reportPath.map { [("report", $0.printable)] } ?? [])
    let lines =
      ResultTable.lines(ResultTable.rows(of: result.test)) + [""] + classes.lines + [""]
      + ResultTable.lines(rest)
    for line in lines { try stream.line(line) }
  }

  typealias Row = (name: String, value: String)

  /// How a test went.
  static func rows(of test: Score) -> [Row] {
    [
      (
        "test accuracy",
        "\(NumberText.percent(test.accuracy, 2)) "
          + "(\(NumberText.grouped(test.correct)) of \(NumberText.grouped(test.images)))"
      ),
      ("test loss", NumberText.fixed(test.loss, 4)),
    ]
  }

  /// How long it took and how fast it went.
  static func row(seconds: Double, imagesPerSecond: Double) -> Row {
    ("time", "\(NumberText.fixed(seconds, 1)) s, \(NumberText.grouped(imagesPerSecond)) images/s")
  }

  /// Rows whose values stand below each other, also in tables that something else stands between.
  static func lines(_ rows: [Row]) -> [String] {
    rows.map { name, value in name.padding(to: "test accuracy".count + 2) + value }
  }
}

extension String {
  /// The text with blanks behind it up to a width.
  fileprivate func padding(to width: Int) -> String {
    self + String(repeating: " ", count: max(width - count, 0))
  }
}
