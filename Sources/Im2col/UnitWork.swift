/// Work in independent units, as a value that outlives all of them.
package protocol UnitWork {
  /// Runs one unit; `worker` is the index of the thread, so that it can use its own scratch memory.
  func run(unit: Int, worker: Int)
}
