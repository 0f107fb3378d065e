import Foundation
import Im2col

/// Test error of LeNet-5 on few images, one plot for each regularization.
enum RegularizationPicture {
  static let arms: [(arm: RegularizationResult.Arm, name: String, ink: Ink)] = [
    (.plain, "plain", .ink), (.dropout, "dropout", .orange), (.shifts, "shifts", .blue),
    (.both, "dropout and shifts", .green),
  ]

  static func make(_ measured: MeasuredFolder) throws -> Picture {
    let result = try measured.read(RegularizationResult.self, "regularization.json")
    let epochs = Double(result.runs.first?.testErrors.count ?? 1)
    func spread(_ arm: RegularizationResult.Arm) -> Spread {
      Spread(result.runs.filter { $0.arm == arm }.map { $0.testErrors.map { $0 * 100 } })
    }
    func points(_ spread: Spread) -> [(x: Double, y: Double)] {
      spread.means.enumerated().map { (Double($0 + 1), $1) }
    }
    let plain = Plot.Series(name: "plain", ink: .faint, points: points(spread(.plain)), dashed: true)
    let seeds = result.runs.filter { $0.arm == .plain }.count
    var picture = Picture(
      width: 560, height: 596,
      title:
        "Test error of LeNet-5 trained on \(result.images.grouped) images of \(result.dataset) against the epoch, in "
        + "four plots with the same axes: plain, with dropout, with shifted images, with both.")
    for (index, (arm, name, ink)) in arms.enumerated() {
      let spread = spread(arm)
      let line = Plot.Series(name: name, ink: ink, points: points(spread), band: spread.ranges)
      let frame = Box(58 + Double(index % 2) * 264, 52 + Double(index / 2) * 262, 222, 168)
      let plot = Plot(
        frame: frame, x: .init("epoch", 0...epochs, step: 5),
        y: .init(logarithmic: "", 1...12, ticks: [1, 2, 5, 10]) { "\(number($0))%" }, caption: name,
        captionInk: ink, series: arm == .plain ? [line] : [plain, line])
      picture.marks += plot.marks
      guard let last = spread.means.last else { continue }
      picture.marks.append(
        .text(
          String(format: "%.2f%%", last), Point(frame.x + frame.width, frame.y + 34),
          .right(15, ink, bold: true)))
    }
    picture.marks += [
      .text("test error; line: mean, band: range of \(seeds) seeds", Point(58, 555), .left(14, .faint)),
      .text("dashed: plain", Point(58, 577), .left(14, .faint)),
    ]
    return picture
  }
}
