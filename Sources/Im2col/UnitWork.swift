/// Work in independent units, as a value that lives until all of them are done.
package protocol UnitWork {
  /// Does one unit; `worker` names the thread so that it can use scratch memory of its own.
  func run(unit: Int, worker: Int)
}
