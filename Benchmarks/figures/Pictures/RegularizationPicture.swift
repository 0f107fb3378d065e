import Foundation

/// Test error of LeNet-5 on few images: plain, with dropout, with shifts, with both.
enum RegularizationPicture {
  static let arms: [(arm: RegularizationResult.Arm, name: String, ink: Ink)] = [
    (.plain, "plain", .ink), (.dropout, "dropout", .orange), (.shifts, "shifts", .blue),
    (.both, "both", .green),
  ]

  static func make(_ measured: MeasuredFolder) throws -> Picture {
    let result = try measured.read(RegularizationResult.self, "regularization.json")
    let epochs = Double(result.runs.first?.testErrors.count ?? 1)
    func runs(_ arm: RegularizationResult.Arm) -> [[Double]] {
      result.runs.filter { $0.arm == arm }.map { $0.testErrors.map { $0 * 100 } }
    }
    let lines = arms.map { arm, name, ink in
      let spread = Spread(runs(arm))
      return Plot.Series(
        name: name, ink: ink, points: spread.means.enumerated().map { (Double($0 + 1), $1) },
        band: spread.ranges)
    }
    let left = Plot(
      frame: Box(64, 86, 340, 220), x: .init("epoch", 0...epochs, step: 5),
      y: .init(logarithmic: "test error", 1...15, ticks: [1, 2, 5, 10]) { "\(number($0)) %" }, series: lines)
    var picture = Picture(
      height: 384,
      title:
        "Test error of LeNet-5 trained on \(grouped(result.images)) images of \(result.dataset), against the epochs and at "
        + "the end: plain, with dropout, with shifted images, with both.",
      marks: Plot.legend(lines, at: Point(64, 32), step: 110) + left.marks)

    // The last epoch: every seed a dot, the mean a line, a standard deviation on each side a bar.
    let right = Plot(
      frame: Box(458, 86, 238, 220), x: .init(withoutTicks: 0...1),
      y: .init("after the last epoch", 0...2.5, step: 0.5) { "\(number($0)) %" })
    picture.marks += right.marks
    for (index, (arm, name, ink)) in arms.enumerated() {
      let errors = runs(arm).compactMap(\.last)
      let mean = errors.reduce(0, +) / Double(errors.count)
      let deviation = errors.count > 1 ? standardDeviation(errors) : 0
      let share = (Double(index) + 0.5) / Double(arms.count)
      let (top, bottom) = (right.place(share, mean + deviation), right.place(share, mean - deviation))
      let middle = right.place(share, mean)
      picture.marks += [
        .line([top, bottom], Stroke(ink, 1.5)),
        .line([Point(top.x - 6, top.y), Point(top.x + 6, top.y)], Stroke(ink, 1.5)),
        .line([Point(bottom.x - 6, bottom.y), Point(bottom.x + 6, bottom.y)], Stroke(ink, 1.5)),
        .line([Point(middle.x - 10, middle.y), Point(middle.x + 10, middle.y)], Stroke(ink, 3)),
        .text(name, Point(middle.x, 324), .centered(12)),
        .text(String(format: "%.2f %%", mean), Point(middle.x, 341), .centered(12, ink, bold: true)),
      ]
      picture.marks += errors.map { .dot(Point(middle.x + 14, right.place(0, $0).y), radius: 2, fill: ink) }
    }
    picture.marks.append(
      .text(
        "left: mean and range of \(runs(.plain).count) seeds; right: mean, standard deviation, every seed",
        Point(696, 370), .right(12, .faint)))
    return picture
  }

  static func standardDeviation(_ values: [Double]) -> Double {
    let mean = values.reduce(0, +) / Double(values.count)
    return (values.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / Double(values.count - 1)).squareRoot()
  }

  /// `10000` as `10,000`.
  private static func grouped(_ number: Int) -> String {
    number < 1000 ? "\(number)" : "\(number / 1000)," + String(format: "%03d", number % 1000)
  }
}
