import Im2col

/// Checks, times, and reports cases, one after the other.
struct Runner {
  let pools: [WorkerPool]
  let options: MeasuringOptions
  let report: Report
  private let injected = InjectedError.fromEnvironment

  /// - Parameters:
  ///   - names: The names of all cases.
  ///   - columns: The columns of the table.
  init(_ options: MeasuringOptions, names: [String], columns: Report.Columns) throws {
    // Before the checks, which take long in a debug build.
    if !options.check { try ReleaseGuard.requireRelease() }
    self.options = options
    pools = try options.pools()
    report = Report(json: options.json, names: names, columns: columns)
    try BLAS.requireUsable()
    MachineHeader.say(threads: options.threads)
    if !options.check { try report.begin() }
  }

  /// Measures all cases with all numbers of workers, and how they scale.
  func run(_ cases: some Sequence<BenchCase>) throws {
    var scaling: [ScalingRow] = []
    var exceedsSgemm = false
    for item in cases {
      let rows = try pools.compactMap { try measure(item, $0) }
      guard let base = rows.first else { continue }
      exceedsSgemm = exceedsSgemm || rows.contains { $0.fractionOfSgemm > 1 }
      scaling += rows.dropFirst().map { ScalingRow(name: item.name, base: base, other: $0) }
    }
    try report.scaling(scaling)
    if exceedsSgemm {
      StandardError.say(
        """
        note: above 100% of sgemm, a lowering multiplies less than the direct sum (winograd), its operands stay in \
        the cache, or another program slowed sgemm down
        """)
    }
  }

  /// Measures one case with some workers; nil if it is only checked.
  private func measure(_ item: BenchCase, _ pool: WorkerPool) throws -> BenchRow? {
    let measurement = try Measurement(item, pool, injected)
    if options.check {
      try StandardOutput.say("\(item.name) is right with \(pool.threads) threads")
      return nil
    }
    let row = try measurement.row(seconds: options.seconds)
    try report.add(row)
    return row
  }
}

/// A case that passed its check, ready to be timed.
struct Measurement {
  private let item: BenchCase
  private let pool: WorkerPool
  private let plan: CasePlan

  /// - Throws: `WrongResult` if a result differs from the reference.
  init(_ item: BenchCase, _ pool: WorkerPool, _ injected: InjectedError? = .fromEnvironment) throws {
    (self.item, self.pool, plan) = (item, pool, try item.plan(pool))
    if let problem = try plan.firstMismatch(injected) {
      throw WrongResult(item.name, threads: pool.threads, problem)
    }
  }

  /// Times the plan that was checked.
  func row(seconds: Double) throws -> BenchRow {
    let ceiling = pool.ceiling()
    let time =
      try Stopwatch.median(seconds: seconds, repetitions: item.repetitions, plan.run)
      / Double(plan.casesInRun)
    return BenchRow(
      name: item.name, threads: pool.threads, seconds: time, gflops: plan.flops / time * 1e-9,
      ceiling: ceiling, imagesPerSecond: item.images.map { Double($0) / time },
      predictedSeconds: Prediction.seconds(plan, pool: pool, ceiling: ceiling), plan: plan,
      configuration: item.configuration + [JSONField("seconds", .number(seconds))])
  }
}
