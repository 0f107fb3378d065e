/// The stages of a pass in which several tasks run at the same time, each split into its own units.
///
///     in sequence      | task a: units 0 1 2 3 4 5 6 7 | task b: units 0 1 2 3 |
///     in partitions    | a 0 1, b 0 | a 2 3, b 1 | a 4 5, b 2 | a 6 7, b 3 |
///
/// Partition *i* has the *i*-th part of every task. A worker begins with the same partitions in every stage,
/// so it reads what it wrote itself if all tasks order their units in the same way. In sequence, tasks that
/// are limited by memory overlap with tasks that compute, on different workers.
struct StagedTasks<Task: Sendable>: Sendable {
  /// A task and its number of units.
  struct TaskUnits: Sendable {
    let task: Task
    let units: Int
  }

  /// Consecutive units of a task, and their position in the stage.
  private struct UnitRange: Sendable {
    let task: Task
    let units: Range<Int>
    let start: Int
  }

  private let stages: [[UnitRange]]
  /// The number of units of each stage.
  let counts: [Int]

  /// The number of partitions; independent of the number of workers.
  private static var defaultPartitions: Int { 8 }

  /// - Parameters:
  ///   - tasks: the tasks of every stage, those with the longest units first, so that workers finish
  ///     together.
  ///   - inPartitions: whether every partition has a part of every task.
  init(_ tasks: [[TaskUnits]], inPartitions: Bool = false) {
    let partitions = inPartitions ? Self.defaultPartitions : 1
    stages = tasks.map { tasks in
      var unitRanges: [UnitRange] = []
      var start = 0
      for partition in 0..<partitions {
        for task in tasks {
          let units = task.units * partition / partitions..<task.units * (partition + 1) / partitions
          guard !units.isEmpty else { continue }
          unitRanges.append(UnitRange(task: task.task, units: units, start: start))
          start += units.count
        }
      }
      return unitRanges
    }
    counts = tasks.map { $0.reduce(0) { $0 + $1.units } }
  }

  /// Returns the task of a unit of a stage, and the index of the unit within the task.
  func find(stage: Int, unit: Int) -> (task: Task, unit: Int) {
    guard unit < counts[stage], let unitRange = stages[stage].last(where: { $0.start <= unit }) else {
      preconditionFailure("unit \(unit) is out of range; stage \(stage) has \(counts[stage]) units")
    }
    return (unitRange.task, unitRange.units.lowerBound + unit - unitRange.start)
  }
}
