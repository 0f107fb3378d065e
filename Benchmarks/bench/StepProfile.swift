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

  /// Times the whole step, and every op within further steps.
  ///
  /// Under the micro-batch schedule one worker runs an op; under the layer-by-layer schedule all workers
  /// share it.
  init(_ net: some BenchModel, pool: WorkerPool, options: ComputeOptions, seconds: Double) throws {
    let isLayerByLayer = try net.model.trainingSchedule == .layerByLayer
    let opWorkers = isLayerByLayer ? pool.workers : try Workers(1)
    _ = pool.ceiling()
    let whole =
      try Stopwatch.median(seconds: seconds) { try net.model.trainOnBatch(net.data) }
      / Double(net.batch)
    // Worker-seconds per image; under the layer-by-layer schedule, where an op uses all workers, wall-clock
    // seconds.
    let working = whole * Double(isLayerByLayer ? 1 : pool.threads)
    let graph = try net.model.trainingOps
    let times = PartTimes()
    // A step has as many samples of an op as micro-batches.
    let steps = max(20, Int(seconds * Double(graph.ops.count) / (whole * Double(net.batch))))
    try net.model.observed(by: times) { () throws(EngineError) in
      for _ in 0..<steps { try net.model.trainOnBatch(net.data) }
    }

    func add(
      _ name: String, _ part: ExecutionEvent.Part, workers: Int = 1, flops: Double = 0,
      lowering: Lowering? = nil, _ products: [OpProducts.Product] = []
    ) {
      guard let time = times.seconds(of: part).map({ $0 * Double(workers) }) else { return }
      lines.append(
        Line(
          name: name, secondsPerImage: time, fraction: time / working, flops: flops,
          sgemm: StepProfile.sgemm(products, opWorkers, seconds: seconds / 2), lowering: lowering?.rawValue))
    }
    let images: OpSettings.Images = isLayerByLayer ? .exactly(net.batch) : .upTo(ShardPlan.groupImages)
    let products = OpProducts.all(of: graph, images, options: options)
    let lowerings = graph.makeOps(images, options: options).map(\.lowering)
    let flops = graph.ops.map { op in op.nodes.map { net.model.plan.nodes[$0].forwardFLOPs }.reduce(0, +) }
    for index in graph.ops.indices {
      add(
        "\(graph.name(ofOp: index))/forward", .forward(op: index), flops: flops[index],
        lowering: lowerings[index], [products[index]?.forward].compactMap { $0 })
    }
    add("loss", .loss)
    for (index, op) in graph.ops.enumerated().reversed() {
      let gradients = [products[index]?.kernelGradient, products[index]?.inputGradient].compactMap { $0 }
      add(
        "\(graph.name(ofOp: index))/backward", .backward(op: index),
        flops: flops[index] * (op.inputs.contains { graph.needsGradient[$0] } ? 2 : 1), gradients)
    }
    add("update", .update, workers: isLayerByLayer ? 1 : pool.threads)
    let sum = lines.map(\.secondsPerImage).reduce(0, +)
    lines.append(Line(name: "rest", secondsPerImage: working - sum, fraction: 1 - sum / working))
    lines.append(Line(name: "step/b\(net.batch)", secondsPerImage: whole, flops: net.trainingFLOPs))
  }

  /// Times every op of a prediction.
  ///
  /// - Parameter predict: predicts the batch once.
  init(
    predictionOf net: some BenchModel, pool: WorkerPool, seconds: Double, _ predict: () throws -> Void
  ) throws {
    let whole = try Stopwatch.median(seconds: seconds, predict) / Double(net.batch)
    let (graph, schedule) = try (net.model.inferenceOps, net.model.inferenceSchedule)
    let isLayerByLayer = schedule == .layerByLayer
    let working = whole * Double(isLayerByLayer ? 1 : pool.threads)
    let times = PartTimes()
    try net.model.observed(by: times) { () throws(EngineError) in
      for _ in 0..<max(20, Int(seconds * Double(graph.ops.count) / (whole * Double(net.batch)))) {
        do { try predict() } catch let error as EngineError { throw error } catch {}
      }
    }
    let images: OpSettings.Images = isLayerByLayer ? .exactly(net.batch) : .upTo(ShardPlan.groupImages)
    let lowerings = graph.makeOps(images, options: net.model.options).map(\.lowering)
    for index in graph.ops.indices {
      guard let time = times.seconds(of: .forward(op: index)) else { continue }
      let flops = graph.ops[index].nodes.map { net.model.plan.nodes[$0].forwardFLOPs }.reduce(0, +)
      lines.append(
        Line(
          name: graph.name(ofOp: index), secondsPerImage: time, fraction: time / working, flops: flops,
          lowering: lowerings[index]?.rawValue))
    }
    let sum = lines.map(\.secondsPerImage).reduce(0, +)
    lines.append(Line(name: "rest", secondsPerImage: working - sum, fraction: 1 - sum / working))
    lines.append(
      Line(name: "prediction/b\(net.batch)", secondsPerImage: whole, flops: net.forwardFLOPs))
  }

  /// Returns the rate of several products one after the other.
  private static func sgemm(_ products: [OpProducts.Product], _ workers: Workers, seconds: Double)
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
