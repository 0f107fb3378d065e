/// Five trainings of LeNet-5 on MNIST, from the lines of `mnist train --json`.
enum LearningPicture {
  static let seeds = 0...4

  /// A line of `mnist train --json`; the last one of a run has no epoch.
  private struct Line: Decodable {
    let epoch: Int?
    let loss: Double?
    let validation_loss: Double?
    let validation_accuracy: Double?
    let test_accuracy: Double?
  }

  static func make(_ measured: MeasuredFolder) throws -> Picture {
    let runs = try seeds.map { try measured.lines(Line.self, "learning-seed\($0).jsonl") }
    func series(_ name: String, _ ink: Ink, dashed: Bool = false, _ value: (Line) -> Double?) -> Plot.Series {
      let columns = runs.map { run in run.filter { $0.epoch != nil }.compactMap(value) }
      let spread = Spread(columns)
      return Plot.Series(
        name: name, ink: ink,
        points: spread.means.enumerated().map { (Double($0 + 1), $1) }, band: spread.ranges, dashed: dashed,
        dots: true)
    }
    let losses = [
      series("on the 50,000 trained on", .blue) { $0.loss },
      series("on the 10,000 held back", .orange) { $0.validation_loss },
    ]
    let errors = [
      series("training", .blue, { _ in nil }),
      series("on the 10,000 held back", .orange) { $0.validation_accuracy.map { 100 * (1 - $0) } },
    ]
    let left = Plot(
      frame: Box(64, 92, 272, 170), x: .init("epoch", 1...5, step: 1), y: .init("", 0...0.2, step: 0.05),
      caption: "loss", series: losses)
    let right = Plot(
      frame: Box(424, 92, 272, 170), x: .init("epoch", 1...5, step: 1),
      y: .init("", 0...3, step: 1) { "\(number($0)) %" }, caption: "validation error",
      series: [errors[1]])
    let test = runs.compactMap { $0.last?.test_accuracy }
    return Picture(
      height: 346,
      title:
        "LeNet-5 on MNIST, five seeds: the training loss falls for all five epochs, the validation loss stops "
        + "falling near epoch 3, the validation error ends near \(number(errors[1].points.last?.y ?? 0)) percent.",
      marks: Plot.legend(losses, at: Point(64, 30), step: 200)
        + [
          .text(
            "line: mean, band: least to most, of \(test.count) seeds", Point(360, 332), .centered(12, .faint))
        ]
        + left.marks + right.marks)
  }
}
