import ConvNet
import Im2col

/// Where the time of a training step goes.
struct StepProfile {
  /// An op in one direction, another part of the step, or the whole step.
  struct Line {
    let name: String
    let secondsPerImage: Double
    /// The fraction of the working time of all workers in a whole step.
    var fraction = 1.0
    /// Multiplications and additions per image; 0 for parts without products.
    var flops = 0.0
    /// The GFLOP/s of sgemm at the size of the equivalent matrix products.
    var sgemm: Double?
    var lowering: String?

    var gflops: Double? { flops > 0 ? flops / secondsPerImage * 1e-9 : nil }

    var json: JSONObject {
      var fields = [
        JSONField("case", .text("profile/\(name)")),
        JSONField("microseconds_per_image", .number(secondsPerImage * 1e6)),
        JSONField("share", .number(fraction)),
      ]
      if let gflops { fields += [JSONField("flops", .number(flops)), JSONField("gflops", .number(gflops))] }
      if let sgemm { fields.append(JSONField("sgemm_gflops", .number(sgemm))) }
      return JSONObject(fields)
    }
  }

  private(set) var lines: [Line] = []

  /// Times every op and the whole step.
  ///
  /// Under the micro-batch schedule one worker runs an op; under the layer-by-layer schedule all workers
  /// share it.
  ///
  /// - Throws: `WrongResult` if running the ops one by one does not give the gradient of a training step.
  init(_ net: some BenchModel, pool: WorkerPool, options: ComputeOptions, seconds: Double) throws {
    let probe = try net.probe(options: options)
    try StepProfile.check(probe, net, threads: pool.threads)
    _ = pool.ceiling()
    let images = Double(probe.images)
    let isLayerByLayer = net.model.executionSchedule == .layerByLayer
    let opWorkers = isLayerByLayer ? pool.workers : try Workers(1)
    let whole =
      try Stopwatch.median(seconds: seconds) { try net.model.trainOnBatch(net.data) }
      / Double(net.batch)
    // Worker-seconds per image; under the layer-by-layer schedule, where an op uses all workers, wall-clock
    // seconds.
    let working = whole * Double(isLayerByLayer ? 1 : pool.threads)

    func add(
      _ name: String, per divisor: Double = images, flops: Double = 0, lowering: Lowering? = nil,
      _ products: [StepProducts.Product] = [], _ work: () -> Void
    ) {
      let time = Stopwatch.median(seconds: seconds, work) / divisor
      lines.append(
        Line(
          name: name, secondsPerImage: time, fraction: time / working, flops: flops,
          sgemm: StepProfile.sgemm(products, opWorkers, seconds: seconds / 2), lowering: lowering?.rawValue))
    }
    for (index, op) in probe.pieces.enumerated() {
      add(
        "\(op.name)/forward", flops: op.forwardFLOPs, lowering: op.lowering,
        [op.products?.forward].compactMap { $0 }
      ) { probe.forward(index) }
    }
    add("loss") { probe.loss() }
    for (index, op) in probe.pieces.enumerated().reversed() {
      let products = [
        op.products?.kernelGradient, op.makesInputGradient ? op.products?.inputGradient : nil,
      ]
      add(
        "\(op.name)/backward", flops: op.forwardFLOPs * (op.makesInputGradient ? 2 : 1),
        products.compactMap { $0 }
      ) { probe.backward(index) }
    }
    add("update", per: Double(net.batch)) { probe.update() }
    let sum = lines.map(\.secondsPerImage).reduce(0, +)
    lines.append(Line(name: "rest", secondsPerImage: working - sum, fraction: 1 - sum / working))
    lines.append(Line(name: "step/b\(net.batch)", secondsPerImage: whole, flops: net.trainingFLOPs))
  }

  /// Checks that the ops in order leave the gradient that the model computes for the same images.
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

  /// Returns the rate of several products one after the other.
  private static func sgemm(_ products: [StepProducts.Product], _ workers: Workers, seconds: Double)
    -> Double?
  {
    guard !products.isEmpty else { return nil }
    // All products have the same FLOPs, so the rate is the harmonic mean.
    let times = products.map {
      1 / SgemmLoad(ProductShape($0), workers: workers).gflops(seconds: seconds)
    }
    return Double(times.count) / times.reduce(0, +)
  }

  /// Prints the lines as JSON or as a table.
  func print(asJSON json: Bool) throws {
    if json {
      for line in lines { try StandardOutput.say(line.json.line) }
      return
    }
    let table = AlignedTable(
      first: "op", names: lines.map(\.name),
      columns: [
        ("us/image", 9), ("of step", 7), ("FLOPs/image", 13), ("GFLOP/s", 8), ("sgemm", 8), ("of sgemm", 8),
        ("lowering", 9),
      ])
    try table.head()
    for line in lines {
      try table.line(
        line.name,
        [
          fixed(line.secondsPerImage * 1e6, 2), percent(line.fraction),
          line.flops > 0 ? Int(line.flops).grouped : "", line.gflops.map { fixed($0, 1) } ?? "",
          line.sgemm.map { fixed($0, 1) } ?? "",
          line.sgemm.flatMap { sgemm in line.gflops.map { percent($0 / sgemm) } } ?? "", line.lowering ?? "",
        ])
    }
  }
}
