import Im2col

/// Checks, times and reports cases, one after the other.
struct Runner {
  let crews: [Crew]
  let options: MeasuringOptions
  let report: Report
  private let planted = PlantedError.fromEnvironment

  init(_ options: MeasuringOptions, names: [String]) throws {
    // Before anything is measured, and before anybody waits for a check in a slow build.
    if !options.check { try ReleaseGuard.requireRelease() }
    self.options = options
    crews = try options.crews()
    report = Report(json: options.json, names: names)
    try BLAS.requireUsable()
    MachineHeader.say(threads: options.threads)
    if !options.check { try report.begin() }
  }

  /// All cases with all numbers of workers, and how they scale.
  func run(_ cases: some Sequence<BenchCase>) throws {
    var scaling: [ScalingRow] = []
    for item in cases {
      let rows = try crews.compactMap { try measure(item, $0) }
      guard let base = rows.first else { continue }
      scaling += rows.dropFirst().map { ScalingRow(name: item.name, base: base, other: $0) }
    }
    try report.scaling(scaling)
  }

  /// One case with some workers; nil where it was only to be checked.
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

/// A case that was found to be right, ready to be timed.
struct Measurement {
  private let item: BenchCase
  private let crew: Crew
  private let plan: CasePlan

  /// - Throws: `WrongResult` when the plan computes something else than the reference.
  init(_ item: BenchCase, _ crew: Crew, _ planted: PlantedError? = .fromEnvironment) throws {
    (self.item, self.crew, plan) = (item, crew, try item.plan(crew))
    if let problem = try plan.firstMismatch(planted) {
      throw WrongResult(item.name, threads: crew.threads, problem)
    }
  }

  /// Times the very plan that was checked.
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
