import ConvNetFiles

/// Shows people what came out of a training.
final class ResultTable: TrainingObserver {
  private let stream: StandardStream

  init(_ stream: StandardStream) { self.stream = stream }

  func finished(_ result: TrainingResult) throws {
    let rows = [
      (
        "test accuracy",
        "\(NumberText.percent(result.test.accuracy, 2)) "
          + "(\(NumberText.grouped(result.test.hits)) of \(NumberText.grouped(result.test.images)))"
      ),
      ("test loss", NumberText.fixed(result.test.loss, 4)),
      (
        "time",
        "\(NumberText.fixed(result.seconds, 1)) s, "
          + "\(NumberText.grouped(result.imagesPerSecond)) images/s"
      ),
      ("model", result.modelPath?.printable ?? "not kept; --model FILE keeps it"),
      ("sha256", result.digest),
    ]
    let width = rows.map(\.0.count).max() ?? 0
    for (name, value) in rows {
      try stream.line(name + String(repeating: " ", count: width + 2 - name.count) + value)
    }
  }
}
