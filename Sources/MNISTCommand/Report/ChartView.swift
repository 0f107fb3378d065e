/// A line chart in SVG coordinates, which grow to the right and downwards.
///
///     left            right
///      |  \               |   top       lines differ by dash, marker and name, not by color alone
///      |   '-.___         |
///      |         '--- training
///      |__________________|   bottom
struct ChartView {
  let chartName: String
  let chartSummary: String
  let lines: [LineView]
  let rows: [TickView]
  let columns: [TickView]

  /// A curve.
  struct LineView {
    let lineName: String
    /// `first` or `second`.
    let style: String
    let points: String
    let dots: [DotView]
    let labelX, labelY: String
  }

  struct DotView { let x, y: String }

  /// A tick with its grid line.
  struct TickView { let at, text: String }

  static let width = 440.0
  static let height = 250.0
  private static let (left, right, top, bottom) = (44.0, 356.0, 14.0, 218.0)
  /// The maximum number of epochs with dots; more dots would overlap.
  private static let maxDots = 30

  /// - Parameter curves: one value per epoch, nil if there is none.
  init(
    name: String, unit: String, limit: Double = .infinity, curves: [(name: String, values: [Double?])]
  ) {
    chartName = name
    let shown = curves.filter { $0.values.contains { $0 != nil } }
    let values = shown.flatMap { $0.values.compactMap { $0 } }
    let axis = Ticks(values.min() ?? 0, values.max() ?? 1, limit: limit)
    let count = max(shown.map(\.values.count).max() ?? 1, 1)
    func x(_ epoch: Int) -> Double {
      count == 1
        ? (Self.left + Self.right) / 2
        : Self.left + (Self.right - Self.left) * Double(epoch - 1) / Double(count - 1)
    }
    func y(_ value: Double) -> Double {
      Self.bottom - (Self.bottom - Self.top) * (value - axis.low) / (axis.high - axis.low)
    }
    rows = axis.values.map { TickView(at: coordinate(y($0)), text: axis.text($0) + unit) }
    columns = Ticks.epochs(count).map { TickView(at: coordinate(x($0)), text: String($0)) }

    let ends = Self.apart(shown.map { y($0.values.compactMap { $0 }.last ?? 0) })
    lines = shown.enumerated().map { index, curve in
      let points = curve.values.enumerated().compactMap { epoch, value in
        value.map { (x: coordinate(x(epoch + 1)), y: coordinate(y($0))) }
      }
      return LineView(
        lineName: curve.name, style: index == 0 ? "first" : "second",
        points: points.map { "\($0.x),\($0.y)" }.joined(separator: " "),
        dots: points.count <= Self.maxDots ? points.map { DotView(x: $0.x, y: $0.y) } : [],
        labelX: coordinate((count == 1 ? x(1) : Self.right) + 10), labelY: coordinate(ends[index] + 4))
    }
    chartSummary = shown.map { curve in
      let known = curve.values.compactMap { $0 }
      let (first, last) = (axis.exactText(known.first ?? 0), axis.exactText(known.last ?? 0))
      return known.count == 1
        ? "\(curve.name) \(last)\(unit)" : "\(curve.name) from \(first)\(unit) to \(last)\(unit)"
    }.joined(separator: "; ")
  }

  /// Moves overlapping labels apart.
  private static func apart(_ positions: [Double]) -> [Double] {
    guard positions.count == 2, abs(positions[0] - positions[1]) < 15 else { return positions }
    let (middle, gap) = ((positions[0] + positions[1]) / 2, positions[0] <= positions[1] ? 7.5 : -7.5)
    let inside = min(max(middle, top + 8), bottom - 8)
    return [inside - gap, inside + gap]
  }
}

/// A coordinate, to a tenth of a pixel.
private func coordinate(_ number: Double) -> String { NumberText.fixed(number, 1) }
