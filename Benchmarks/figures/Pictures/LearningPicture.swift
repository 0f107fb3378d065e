import Im2col

/// Five training runs of LeNet-5 on MNIST, from the lines of `mnist train --json`.
enum LearningPicture {
  static let seeds = 0...4

  /// A line of `mnist train --json`; the last line of a run has no epoch.
  private struct Line: Decodable {
    let epoch: Int?
    let loss: Double?
    let validation_loss: Double?
    let validation_accuracy: Double?
  }

  static func make(_ measured: MeasuredFolder) throws -> Picture {
    let runs = try seeds.map { try measured.lines(Line.self, "learning-seed\($0).jsonl") }
    func series(_ name: String, _ ink: Ink, _ value: (Line) -> Double?) -> Plot.Series {
      let spread = Spread(runs.map { run in run.filter { $0.epoch != nil }.compactMap(value) })
      return Plot.Series(
        name: name, ink: ink, points: spread.means.enumerated().map { (Double($0 + 1), $1) },
        band: spread.ranges, dots: true)
    }
    let losses = [
      series("training (50,000)", .blue) { $0.loss },
      series("validation (10,000)", .orange) { $0.validation_loss },
    ]
    let error = series("validation (10,000)", .orange) { $0.validation_accuracy.map { 100 * (1 - $0) } }
    let left = Plot(
      frame: Box(58, 94, 206, 190), x: .init("epoch", 1...5, step: 1), y: .init("", 0...0.2, step: 0.05),
      caption: "loss", series: losses)
    let right = Plot(
      frame: Box(330, 94, 206, 190), x: .init("epoch", 1...5, step: 1),
      y: .init("", 0...3, step: 1) { "\(number($0))%" }, caption: "validation error", series: [error])
    return Picture(
      width: 560, height: 374,
      title:
        "LeNet-5 on MNIST, \(runs.count) seeds: the training loss falls for all five epochs, the validation loss stops "
        + "falling near epoch 3, the validation error ends near \(number(error.points.last?.y ?? 0))%.",
      marks: Plot.legend(losses, at: Point(58, 34), step: 190)
        + [.text("line: mean, band: range of \(runs.count) seeds", Point(280, 358), .centered(14, .faint))]
        + left.marks + right.marks)
  }
}
