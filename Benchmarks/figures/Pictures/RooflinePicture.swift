import Foundation

/// The rate of every op of LeNet-5's training step, compared with sgemm at the same sizes.
enum RooflinePicture {
  /// A line of `bench profile --json`.
  private struct Line: Decodable {
    let `case`: String
    let microseconds_per_image: Double
    let share: Double
    let gflops: Double?
    let sgemm_gflops: Double?

    /// `conv1/forward`
    var name: String { String(self.case.dropFirst("profile/".count)) }
  }

  /// A line of `bench gemm --json`.
  private struct Gemm: Decodable {
    let `case`: String
    let gflops: Double
  }

  static func make(_ measured: MeasuredFolder) throws -> Picture {
    let lines = try measured.lines(Line.self, "profile.jsonl")
    let roof =
      try measured.lines(Gemm.self, "gemm.jsonl")
      .first { $0.case == "gemm/1024x1024x1024" }?.gflops ?? 0
    let products = lines.filter { $0.sgemm_gflops != nil }
    let top = max(roof, products.compactMap(\.sgemm_gflops).max() ?? 0)
    let end = (top / 20).rounded(.up) * 20
    let (left, width, row, first) = (192.0, 212.0, 34.0, 140.0)
    func x(_ rate: Double) -> Double { left + rate / end * width }
    let bottom = first + Double(products.count) * row

    var picture = Picture(
      width: 560, height: bottom + 66,
      title:
        "The rate of every op of LeNet-5's training in GFLOP/s, compared with sgemm alone at the same sizes "
        + "and on large squares.")
    picture.marks += [
      .box(Box(24, 22, 22, 12), fill: .blueTint, stroke: Stroke(.blue)),
      .text("the op, with all its work", Point(56, 34), .left(14.5)),
      .line([Point(35, 43), Point(35, 63)], Stroke(.orange, 3)),
      .text("sgemm alone, same sizes", Point(56, 58), .left(14.5)),
      .line([Point(35, 67), Point(35, 87)], Stroke(.faint, 1.5, dashed: true)),
      .text("sgemm, 1024 x 1024 squares", Point(56, 82), .left(14.5)),
      .text("\u{00B5}s/image", Point(484, first - 12), .right(14, .faint)),
      .text("of time", Point(544, first - 12), .right(14, .faint)),
    ]
    for tick in stride(from: 0, through: end, by: 40) {
      picture.marks.append(.line([Point(x(tick), first - 6), Point(x(tick), bottom)], Stroke(.line, 0.7)))
      picture.marks.append(.text(number(tick), Point(x(tick), bottom + 20), .centered(14, .faint)))
    }
    picture.marks.append(.text("GFLOP/s, one core", Point(x(end / 2), bottom + 44), .centered(14, .faint)))
    for (index, line) in products.enumerated() {
      let y = first + Double(index) * row
      let (rate, sgemm) = (line.gflops ?? 0, line.sgemm_gflops ?? 0)
      let name = line.name.replacing("+", with: " + ").replacing("/", with: " ")
      picture.marks += [
        .text(name, Point(left - 9, y + 20), .right(14)),
        .box(Box(left, y + 4, x(rate) - left, row - 14), fill: .blueTint, stroke: Stroke(.blue)),
        .line([Point(x(sgemm), y), Point(x(sgemm), y + row - 4)], Stroke(.orange, 3)),
        .text("\(Int(rate.rounded()))", Point(left + 6, y + 20), .left(14, bold: true)),
        .text(String(format: "%.2f", line.microseconds_per_image), Point(484, y + 20), .right(14)),
        .text(String(format: "%.1f%%", line.share * 100), Point(544, y + 20), .right(14)),
      ]
    }
    picture.marks.append(
      .line([Point(x(roof), first - 12), Point(x(roof), bottom)], Stroke(.faint, 1.5, dashed: true)))
    return picture
  }
}
