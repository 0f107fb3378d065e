import Im2col

/// Training error of LeNet-5 with ReLU and with tanh.
enum ReluTanhPicture {
  static func make(_ measured: MeasuredFolder) throws -> Picture {
    let result = try measured.read(ReluTanhResult.self, "relu-tanh.json")
    func series(_ activation: Activation, _ name: String, _ ink: Ink, dashed: Bool) -> Plot.Series {
      let runs = result.runs.filter { $0.activation == activation }
      let spread = Spread(runs.map { run in run.errors.map { $0 * 100 } })
      return Plot.Series(
        name: "\(name), learning rate \(runs.first?.learningRate ?? 0)", ink: ink,
        points: spread.means.enumerated().map { (Double(($0 + 1) * result.window), $1) },
        band: spread.ranges, dashed: dashed)
    }
    let lines = [
      series(.relu, "ReLU", .blue, dashed: false), series(.tanh, "tanh", .orange, dashed: true),
    ]
    let (first, last) = (
      Double(result.window), Double(result.runs.first?.errors.count ?? 1) * Double(result.window)
    )
    let plot = Plot(
      frame: Box(62, 104, 474, 250),
      x: .init(
        logarithmic: "batches of \(result.batchSize) images", first...last,
        ticks: [50, 100, 200, 500, 1000, 2000, 5000].filter { (first...last).contains($0) }),
      y: .init("training error", 0...60, step: 10) { "\(number($0))%" }, series: lines)
    let seeds = result.runs.filter { $0.activation == .relu }.count
    return Picture(
      width: 560, height: 446,
      title:
        "Training error of LeNet-5 on \(result.dataset) against the number of batches, with ReLU and with tanh; "
        + "lines are means, bands ranges of \(seeds) seeds.",
      marks: Plot.legend(lines, at: Point(62, 30), line: 24)
        + [.text("line: mean, band: range of \(seeds) seeds", Point(62, 430), .left(14, .faint))]
        + plot.marks)
  }
}
