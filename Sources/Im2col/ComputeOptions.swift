/// What an operation may use: workers, scratch memory, and ways of computing.
///
/// The same options give the same bits, whatever the number of workers; another scratch budget or
/// another lowering may round differently.
public struct ComputeOptions: Sendable {
  /// The threads that share the work.
  public var workers: Workers

  /// Bytes of scratch that each worker may use for tiles of columns. A layer whose smallest tile needs
  /// more is cut in the length of its sums, so any budget of 4 KiB and above is kept.
  public var scratchBytes: Int

  /// How convolution becomes matrix multiplication.
  public var lowering: Lowering

  /// 512 KiB: half of a core's second-level cache on the machines of today.
  public static let defaultScratchBytes = 512 * 1024

  /// The smallest budget that is kept; a lower one counts as this.
  public static let smallestScratchBytes = 4 * 1024

  /// Makes options.
  ///
  /// - Parameters:
  ///   - workers: the threads that share the work; by default as many as this process has cores.
  ///   - scratchBytes: bytes of scratch a worker.
  ///   - lowering: how convolution becomes matrix multiplication.
  public init(
    workers: Workers = Workers(), scratchBytes: Int = ComputeOptions.defaultScratchBytes,
    lowering: Lowering = .automatic
  ) {
    (self.workers, self.scratchBytes, self.lowering) = (workers, scratchBytes, lowering)
  }

  /// One set of options for callers that name none; its threads start when they are first needed.
  public static let `default` = ComputeOptions()
}
