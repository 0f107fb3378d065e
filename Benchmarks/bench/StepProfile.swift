import ConvNet
import Im2col

/// Where the time of a training step goes.
struct StepProfile {
  /// One piece of the step, or the whole of it.
  struct Line {
    let name: String
    let secondsPerImage: Double
    /// Of the whole step's time.
    var share = 1.0
    /// Multiplications and additions an image; 0 where products have no part.
    var flops = 0.0
    /// GFLOP/s of sgemm on the very sizes of the piece's products.
    var sgemm: Double?

    var gflops: Double? { flops > 0 ? flops / secondsPerImage * 1e-9 : nil }

    var json: JSONObject {
      var fields = [
        JSONField("case", .text("profile/\(name)")),
        JSONField("microseconds_per_image", .number(secondsPerImage * 1e6)),
        JSONField("share", .number(share)),
      ]
      if let gflops { fields += [JSONField("flops", .number(flops)), JSONField("gflops", .number(gflops))] }
      if let sgemm { fields.append(JSONField("sgemm_gflops", .number(sgemm))) }
      return JSONObject(fields)
    }
  }

  private(set) var lines: [Line] = []

  /// Times every piece, on one worker where the net goes in micro-batches, and the whole step.
  ///
  /// - Throws: `WrongResult` when the pieces together do not make the gradient of a step.
  init(_ net: some BenchModel, crew: Crew, options: ComputeOptions, seconds: Double) throws {
    let probe = try net.probe(options: options)
    try StepProfile.check(probe, net, threads: crew.threads)
    _ = crew.ceiling()
    let images = Double(probe.images)
    let whole =
      try Stopwatch.median(seconds: seconds) { try net.model.trainOnBatch(net.data) }
      / Double(net.batch)

    func add(
      _ name: String, per divisor: Double = images, flops: Double = 0,
      _ products: [StepProducts.Product] = [], _ work: () -> Void
    ) {
      let time = Stopwatch.median(seconds: seconds, work) / divisor
      lines.append(
        Line(
          name: name, secondsPerImage: time, share: time / whole, flops: flops,
          sgemm: StepProfile.sgemm(products, crew, seconds: seconds / 2)))
    }
    for (index, piece) in probe.pieces.enumerated() {
      add("\(piece.name)/forward", flops: piece.forwardFLOPs, [piece.products?.forward].compactMap { $0 }) {
        probe.forward(index)
      }
    }
    add("loss") { probe.loss() }
    for (index, piece) in probe.pieces.enumerated().reversed() {
      let products = [
        piece.products?.kernelGradient, piece.makesInputGradient ? piece.products?.inputGradient : nil,
      ]
      add(
        "\(piece.name)/backward", flops: piece.forwardFLOPs * (piece.makesInputGradient ? 2 : 1),
        products.compactMap { $0 }
      ) { probe.backward(index) }
    }
    add("update", per: Double(net.batch)) { probe.update() }
    let sum = lines.map(\.secondsPerImage).reduce(0, +)
    lines.append(Line(name: "rest", secondsPerImage: whole - sum, share: 1 - sum / whole))
    lines.append(Line(name: "step/b\(net.batch)", secondsPerImage: whole, flops: net.trainingFLOPs))
  }

  /// The pieces in order must leave the gradient that the model has for the same images.
  private static func check(_ probe: StepProbe, _ net: some BenchModel, threads: Int) throws {
    for index in probe.pieces.indices { probe.forward(index) }
    probe.loss()
    for index in probe.pieces.indices.reversed() { probe.backward(index) }
    let expected = try net.probedGradients()
    let largest = expected.map { abs($0) }.max() ?? 0
    for (index, (actual, wanted)) in zip(probe.gradients, expected).enumerated()
    where !(abs(actual - wanted) <= 1e-5 * largest) {
      throw WrongResult(
        "profile/step", threads: threads, "gradient \(index) is \(actual) instead of \(wanted)")
    }
  }

  /// The rate of several products done one after the other.
  private static func sgemm(_ products: [StepProducts.Product], _ crew: Crew, seconds: Double) -> Double? {
    guard !products.isEmpty else { return nil }
    // Each makes as many FLOPs an image, so their rates meet in the harmonic mean.
    let times = products.map {
      1 / SgemmLoad(ProductShape($0), workers: crew.workers).gflops(seconds: seconds)
    }
    return Double(times.count) / times.reduce(0, +)
  }

  /// The table for people.
  func print() throws {
    let table = AlignedTable(
      first: "piece", names: lines.map(\.name),
      columns: [
        ("us/image", 9), ("share", 6), ("FLOPs/image", 11), ("GFLOP/s", 8), ("sgemm", 8), ("of it", 6),
      ])
    try table.head()
    for line in lines {
      try table.line(
        line.name,
        [
          fixed(line.secondsPerImage * 1e6, 2), fixed(line.share * 100, 0) + " %",
          line.flops > 0 ? fixed(line.flops, 0) : "", line.gflops.map { fixed($0, 1) } ?? "",
          line.sgemm.map { fixed($0, 1) } ?? "",
          line.sgemm.flatMap { ceiling in line.gflops.map { fixed($0 / ceiling * 100, 0) + " %" } } ?? "",
        ])
    }
  }
}
