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
  func measure(_ item: BenchCase, _ crew: Crew) throws -> BenchRow? {
    let plan = try item.plan(crew)
    if let problem = try plan.firstMismatch(planted) {
      throw WrongResult(item.name, threads: crew.threads, problem)
    }
    if options.check {
      try StandardOutput.say("\(item.name) is right with \(crew.threads) threads")
      return nil
    }
    let ceiling = crew.ceiling()
    let seconds =
      try Stopwatch.median(seconds: options.seconds, repetitions: item.repetitions, plan.run)
      / Double(plan.casesInRun)
    let row = BenchRow(
      name: item.name, threads: crew.threads, seconds: seconds, gflops: plan.flops / seconds * 1e-9,
      ceiling: ceiling, imagesPerSecond: item.images.map { Double($0) / seconds },
      predictedSeconds: Prediction.seconds(plan, crew: crew, ceiling: ceiling), plan: plan,
      recipe: item.recipe + [JSONField("seconds", .number(options.seconds))])
    try report.add(row)
    return row
  }
}
