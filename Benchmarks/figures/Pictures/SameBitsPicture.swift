import Im2col

/// The sum of 65,536 numbers on 1 to 8 workers, partitioned by the number of workers and as the engine does it.
enum SameBitsPicture {
  static let pixels = 65_536
  static let workers = 1...8

  static func make() throws -> Picture {
    let random = CounterRandom(seed: 0, stream: .initialValues(parameter: 0))
    let numbers = (0..<UInt64(pixels)).map { Float(random[$0] >> 40) / Float(1 << 23) - 1 }
    let perWorker = workers.map { naive(numbers, workers: $0) }
    let engine = try workers.map { try engineSum(numbers, workers: $0) }
    func steps(_ sums: [Float]) -> [(x: Double, y: Double)] {
      zip(workers, sums).map { (Double($0), Double(($1 - sums[0]) / sums[0].ulp)) }
    }
    let lines = [
      Plot.Series(name: "one part for each worker", ink: .orange, points: steps(perWorker), dots: true),
      Plot.Series(
        name: "this package: parts determined by the shape", ink: .blue, points: steps(engine), dots: true),
    ]
    let all = lines.flatMap { $0.points.map(\.y) }
    let reach = ((all.map { abs($0) }.max() ?? 0) / 20).rounded(.up) * 20
    let plot = Plot(
      frame: Box(62, 112, 474, 200), x: .init("workers", 1...8, step: 1),
      y: .init("difference from one worker, in units in the last place", -reach...reach, step: reach / 2),
      series: lines)
    return Picture(
      width: 560, height: 372,
      title:
        "The sum of 65,536 numbers changes by up to \(Int(all.map { abs($0) }.max() ?? 0)) units in the last place "
        + "when the parts depend on the number of workers; with parts determined by the shape it does not change.",
      marks: Plot.legend(lines, at: Point(62, 30), line: 24) + plot.marks)
  }

  /// Each worker adds up its part from left to right; then the partial sums are added.
  static func naive(_ numbers: [Float], workers: Int) -> Float {
    (0..<workers).reduce(0) { total, worker in
      let part = worker * numbers.count / workers..<(worker + 1) * numbers.count / workers
      return total + numbers[part].reduce(0, +)
    }
  }

  /// The bias gradient of a layer with one channel is the sum of all pixels.
  static func engineSum(_ numbers: [Float], workers: Int) throws -> Float {
    let image = try Tensor(shape: [1, 256, 256, 1], scalars: numbers)
    let kernel = try Tensor(repeating: 1, shape: [1, 1, 1, 1])
    let options = ComputeOptions(workers: try Workers(workers))
    return try convolutionGradients(of: image, input: image, kernel: kernel, options: options).bias.scalars[0]
  }
}
