/// The stages of a pass in which several jobs go on side by side, each cut into units of its own.
///
///     one after the other    | job a: units 0 1 2 3 4 5 6 7 | job b: units 0 1 2 3 |
///     in partitions               | a 0 1, b 0 | a 2 3, b 1 | a 4 5, b 2 | a 6 7, b 3 |
///
/// Cut into partitions, the first one has the first units of every job, and so on. A worker begins with a stretch of the partitions, the
/// same one in every stage, and so reads what it wrote itself where all jobs order their units alike. One after the
/// other, one worker waits for memory in a job that moves much while another one computes.
struct StagedJobs<Job: Sendable>: Sendable {
  /// A job and how many units it has.
  struct JobUnits: Sendable {
    let job: Job
    let units: Int
  }

  /// Some units of a job that follow each other, and how many units of the stage come before them.
  private struct Stretch: Sendable {
    let job: Job
    let units: Range<Int>
    let start: Int
  }

  private let stages: [[Stretch]]
  /// How many units each stage has.
  let counts: [Int]

  /// Enough for every worker of usual machines to have a partition.
  private static var defaultPartitions: Int { 8 }

  /// - Parameters:
  ///   - jobs: of every stage; the longest units first, so that workers end together.
  ///   - inPartitions: whether every partition has a part of every job.
  init(_ jobs: [[JobUnits]], inPartitions: Bool = false) {
    let partitions = inPartitions ? Self.defaultPartitions : 1
    stages = jobs.map { jobs in
      var stretches: [Stretch] = []
      var start = 0
      for partition in 0..<partitions {
        for job in jobs {
          let units = job.units * partition / partitions..<job.units * (partition + 1) / partitions
          guard !units.isEmpty else { continue }
          stretches.append(Stretch(job: job.job, units: units, start: start))
          start += units.count
        }
      }
      return stretches
    }
    counts = jobs.map { $0.reduce(0) { $0 + $1.units } }
  }

  /// The job that a unit of a stage belongs to, and which of the job's units it is.
  func find(stage: Int, unit: Int) -> (job: Job, unit: Int) {
    guard unit < counts[stage], let stretch = stages[stage].last(where: { $0.start <= unit }) else {
      preconditionFailure("stage \(stage) has \(counts[stage]) units only")
    }
    return (stretch.job, stretch.units.lowerBound + unit - stretch.start)
  }
}
