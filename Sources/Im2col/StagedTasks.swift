/// The stages of a pass in which several tasks run at the same time, each split into its own units.
///
///     | task a: units 0 1 2 3 4 5 6 7 | task b: units 0 1 2 3 |
///
/// Tasks that are limited by memory overlap with tasks that compute, on different workers.
struct StagedTasks<Task: Sendable>: Sendable {
  /// A task and its number of units.
  struct TaskUnits: Sendable {
    let task: Task
    let units: Int
  }

  private let stages: [[TaskUnits]]

  /// The number of units of each stage.
  var counts: [Int] { stages.map { $0.reduce(0) { $0 + $1.units } } }

  /// - Parameter stages: the tasks of every stage, those with the longest units first, so that workers finish
  ///   together.
  init(_ stages: [[TaskUnits]]) { self.stages = stages }

  /// Returns the task of a unit of a stage, and the index of the unit within the task.
  func find(stage: Int, unit: Int) -> (task: Task, unit: Int) {
    var unit = unit
    for task in stages[stage] {
      if unit < task.units { return (task.task, unit) }
      unit -= task.units
    }
    preconditionFailure("stage \(stage) has fewer units")
  }
}
