import Im2col

/// Checks, times, and reports cases, one after the other.
struct Runner {
  let crews: [Crew]
  let options: MeasuringOptions
  let report: Report
  private let planted = PlantedError.fromEnvironment

  /// - Parameters:
  ///   - names: The names of all cases.
  ///   - columns: The columns of the table.
  init(_ options: MeasuringOptions, names: [String], columns: Report.Columns) throws {
    // Before the checks, which take long in a debug build.
    if !options.check { try ReleaseGuard.requireRelease() }
    self.options = options
    crews = try options.crews()
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
      let rows = try crews.compactMap { try measure(item, $0) }
      guard let base = rows.first else { continue }
      exceedsSgemm = exceedsSgemm || rows.contains { $0.fractionOfSgemm > 1 }
      scaling += rows.dropFirst().map { ScalingRow(name: item.name, base: base, other: $0) }
    }
    try report.scaling(scaling)
    if exceedsSgemm {
      StandardError.say(
        """
        note: above 100% of sgemm, a lowering multiplies less than the definition (winograd), its operands stay in \
        the cache, or another program slowed sgemm down
        """)
    }
  }

  /// Measures one case with some workers; nil if it is only checked.
  private func measure(_ item: BenchCase, _ crew: Crew) throws -> BenchRow? {
    let measurement = try Measurement(item, crew, planted)
    if options.check {
      try StandardOutput.say("\(item.name) is right with \(crew.threads) threads")
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
  private let crew: Crew
  private let plan: CasePlan

  /// - Throws: `WrongResult` if a result differs from the reference.
  init(_ item: BenchCase, _ crew: Crew, _ planted: PlantedError? = .fromEnvironment) throws {
    (self.item, self.crew, plan) = (item, crew, try item.plan(crew))
    if let problem = try plan.firstMismatch(planted) {
      throw WrongResult(item.name, threads: crew.threads, problem)
    }
  }

  /// Times the plan that was checked.
  func row(seconds: Double) throws -> BenchRow {
    let ceiling = crew.ceiling()
    let time =
      try Stopwatch.median(seconds: seconds, repetitions: item.repetitions, plan.run)
      / Double(plan.casesInRun)
    return BenchRow(
      name: item.name, threads: crew.threads, seconds: time, gflops: plan.flops / time * 1e-9,
      ceiling: ceiling, imagesPerSecond: item.images.map { Double($0) / time },
      predictedSeconds: Prediction.seconds(plan, crew: crew, ceiling: ceiling), plan: plan,
      recipe: item.recipe + [JSONField("seconds", .number(seconds))])
  }
}
