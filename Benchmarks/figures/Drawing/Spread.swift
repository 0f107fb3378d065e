/// Means and extremes of several runs, position by position.
struct Spread {
  let means: [Double]
  let ranges: [(low: Double, high: Double)]

  init(_ runs: [[Double]]) {
    let count = runs.map(\.count).min() ?? 0
    let columns = (0..<count).map { index in runs.map { $0[index] } }
    means = columns.map { $0.reduce(0, +) / Double($0.count) }
    ranges = columns.map { ($0.min() ?? 0, $0.max() ?? 0) }
  }
}
