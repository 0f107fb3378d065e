/// The resources of an operation: workers, scratch memory and the lowering.
///
/// The bits of a result do not depend on the number of workers. A different scratch budget or a different
/// lowering may round differently.
public struct ComputeOptions: Sendable {
  /// The threads that share the work.
  public var workers: Workers

  /// Bytes of scratch that each worker may use for tiles of columns.
  ///
  /// If the smallest tile of a layer exceeds the budget, its sums are split, so that the budget is never
  /// exceeded.
  public var scratchBytes: Int

  /// The way in which convolutions are computed.
  public var lowering: Lowering

  /// 512 KiB, half of the second-level cache of a current core.
  public static let defaultScratchBytes = 512 * 1024

  /// The smallest budget, 4 KiB; lower values are raised to it.
  public static let smallestScratchBytes = 4 * 1024

  /// Creates options.
  ///
  /// - Parameters:
  ///   - workers: the threads that share the work; by default those of `ComputeOptions.default`, one per core of
  ///     this process, so that options for one call start no threads of their own.
  ///   - scratchBytes: bytes of scratch per worker.
  ///   - lowering: the way in which convolutions are computed.
  public init(
    workers: Workers = ComputeOptions.default.workers, scratchBytes: Int = ComputeOptions.defaultScratchBytes,
    lowering: Lowering = .automatic
  ) {
    (self.workers, self.scratchBytes, self.lowering) = (workers, scratchBytes, lowering)
  }

  /// The options used by default; their threads start when they are first needed.
  public static let `default` = ComputeOptions(workers: Workers())
}
