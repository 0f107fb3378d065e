/// The parameters of a model during a run, owned by the caller.
struct ParameterMemory {
  /// All parameters.
  let start: UnsafePointer<Float>
  /// The same memory, for the state that training updates.
  let state: UnsafeMutablePointer<Float>
  /// What the ops derived from the parameters.
  var prepared: UnsafePointer<Float>
  /// The offset of each op's part of `prepared`.
  var preparedStarts: [Int]
}
