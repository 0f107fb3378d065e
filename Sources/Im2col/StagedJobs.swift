/// The stages of a pass in which several jobs run at the same time, each split into its own units.
///
///     in sequence      | job a: units 0 1 2 3 4 5 6 7 | job b: units 0 1 2 3 |
///     in partitions    | a 0 1, b 0 | a 2 3, b 1 | a 4 5, b 2 | a 6 7, b 3 |
///
/// Partition *i* has the *i*-th part of every job. A worker begins with the same partitions in every stage,
/// so it reads what it wrote itself if all jobs order their units in the same way. In sequence, a worker in a
/// job that is limited by memory overlaps with a worker in a job that computes.
struct StagedJobs<Job: Sendable>: Sendable {
  /// A job and its number of units.
  struct JobUnits: Sendable {
    let job: Job
    let units: Int
  }

  /// Consecutive units of a job, and their position in the stage.
  private struct Stretch: Sendable {
    let job: Job
    let units: Range<Int>
    let start: Int
  }

  private let stages: [[Stretch]]
  /// The number of units of each stage.
  let counts: [Int]

  /// The number of partitions; independent of the number of workers.
  private static var defaultPartitions: Int { 8 }

  /// - Parameters:
  ///   - jobs: the jobs of every stage, those with the longest units first, so that workers finish together.
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

  /// Returns the job of a unit of a stage, and the index of the unit within the job.
  func find(stage: Int, unit: Int) -> (job: Job, unit: Int) {
    guard unit < counts[stage], let stretch = stages[stage].last(where: { $0.start <= unit }) else {
      preconditionFailure("unit \(unit) of stage \(stage), which has \(counts[stage]) units")
    }
    return (stretch.job, stretch.units.lowerBound + unit - stretch.start)
  }
}
