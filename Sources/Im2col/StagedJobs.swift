/// The stages of a pass in which several jobs go on side by side, each cut into units of its own.
///
///     stage 1   | job a: units 0 1 2 3 | job b: units 4 5 |
///     stage 2   | job c: 0 1 | ...
struct StagedJobs<Job: Sendable>: Sendable {
  /// A job and how many units it has.
  struct Share: Sendable {
    let job: Job
    let units: Int
  }

  private let shares: [[Share]]
  /// How many units each stage has.
  let counts: [Int]

  /// - Parameter shares: of every stage; the longest units first, so that workers end together.
  init(_ shares: [[Share]]) {
    self.shares = shares
    counts = shares.map { $0.reduce(0) { $0 + $1.units } }
  }

  /// The job that a unit of a stage belongs to, and which of the job's units it is.
  func find(stage: Int, unit: Int) -> (job: Job, unit: Int) {
    var unit = unit
    for share in shares[stage] {
      if unit < share.units { return (share.job, unit) }
      unit -= share.units
    }
    preconditionFailure("stage \(stage) has \(counts[stage]) units only")
  }
}
