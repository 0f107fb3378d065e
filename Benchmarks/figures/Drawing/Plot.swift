import Foundation

/// Curves over two axes.
struct Plot {
  let frame: Box
  let x: Axis
  let y: Axis
  var caption = ""
  var captionInk = Ink.ink
  var series: [Series] = []

  struct Axis {
    let label: String
    let range: ClosedRange<Double>
    let ticks: [(value: Double, text: String)]
    var isLogarithmic = false

    /// Ticks at equal steps from the lower bound of the range.
    init(_ label: String, _ range: ClosedRange<Double>, step: Double, text: (Double) -> String = number) {
      (self.label, self.range) = (label, range)
      let count = Int(((range.upperBound - range.lowerBound) / step + 1e-9).rounded(.down))
      ticks = (0...count).map { index in
        let value = range.lowerBound + Double(index) * step
        return (value, text(value))
      }
    }

    /// A logarithmic axis.
    init(
      logarithmic label: String, _ range: ClosedRange<Double>, ticks: [Double],
      text: (Double) -> String = number
    ) {
      (self.label, self.range, isLogarithmic) = (label, range, true)
      self.ticks = ticks.map { ($0, text($0)) }
    }

    func fraction(_ value: Double) -> Double {
      isLogarithmic
        ? log(value / range.lowerBound) / log(range.upperBound / range.lowerBound)
        : (value - range.lowerBound) / (range.upperBound - range.lowerBound)
    }
  }

  struct Series {
    let name: String
    let ink: Ink
    let points: [(x: Double, y: Double)]
    /// The smallest and the largest y at every point; may be empty.
    var band: [(low: Double, high: Double)] = []
    var dashed = false
    var dots = false
  }

  func place(_ x: Double, _ y: Double) -> Point {
    Point(frame.x + self.x.fraction(x) * frame.width, frame.y + (1 - self.y.fraction(y)) * frame.height)
  }

  var marks: [Mark] {
    var marks: [Mark] = []
    for tick in y.ticks {
      let point = place(x.range.lowerBound, tick.value)
      marks.append(.line([point, Point(frame.x + frame.width, point.y)], Stroke(.line, 0.7)))
      marks.append(.text(tick.text, Point(point.x - 7, point.y + 5), .right(14, .faint)))
    }
    for tick in x.ticks {
      let point = place(tick.value, y.range.lowerBound)
      marks.append(.line([point, Point(point.x, point.y + 4)], Stroke(.faint)))
      marks.append(.text(tick.text, Point(point.x, point.y + 20), .centered(14, .faint)))
    }
    marks.append(
      .line(
        [place(x.range.lowerBound, y.range.lowerBound), place(x.range.upperBound, y.range.lowerBound)],
        Stroke(.faint)))
    marks.append(
      .text(x.label, Point(frame.center.x, frame.y + frame.height + 41), .centered(14, .faint)))
    marks.append(.text(y.label, Point(frame.x - 4, frame.y - 11), .left(14, .faint)))
    if !caption.isEmpty {
      let distance = y.label.isEmpty ? 12.0 : 32
      marks.append(
        .text(caption, Point(frame.center.x, frame.y - distance), .centered(15, captionInk, bold: true)))
    }
    for line in series { marks += self.marks(of: line) }
    return marks
  }

  private func marks(of line: Series) -> [Mark] {
    var marks: [Mark] = []
    if !line.band.isEmpty {
      let upper = zip(line.points, line.band).map { place($0.x, $1.high) }
      let lower = zip(line.points, line.band).map { place($0.x, $1.low) }
      marks.append(.area(upper + lower.reversed(), line.ink, opacity: 0.25))
    }
    let points = line.points.map { place($0.x, $0.y) }
    marks.append(.line(points, Stroke(line.ink, 2, dashed: line.dashed)))
    if line.dots { marks += points.map { .dot($0, radius: 3, fill: line.ink) } }
    return marks
  }

  /// A sample of each series with its name; `step` apart to the right or, with a `line` height, below.
  static func legend(_ series: [Series], at origin: Point, step: Double = 0, line: Double = 0) -> [Mark] {
    series.enumerated().flatMap { index, series -> [Mark] in
      let (x, y) = (origin.x + Double(index) * step, origin.y + Double(index) * line)
      return [
        .line([Point(x, y), Point(x + 24, y)], Stroke(series.ink, 2.5, dashed: series.dashed)),
        .text(series.name, Point(x + 32, y + 5), .left(14.5)),
      ]
    }
  }
}
