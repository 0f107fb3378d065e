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

/// How convolution becomes matrix multiplication.
public enum Lowering: String, Sendable, Hashable, CaseIterable {
  /// Chosen by the layer's shape alone.
  case automatic
  /// Column matrices, tile by tile, multiplied by OpenBLAS: exact for small integers, NaN and infinity reach exactly
  /// the outputs that use them.
  case im2col
  /// Columns that are read where they lie in the image, multiplied by kernels of our own: as exact. The input's gradient
  /// of kernels larger than one pixel scatters columns, as under `im2col`.
  case direct
  /// Winograd's F(2x2, 3x3) or F(2x2, 5x5) wherever it applies (3x3 or 5x5, stride 1, no dilation), chosen by shape
  /// elsewhere.
  case winograd2
  /// Winograd's F(4x4, 3x3) wherever it applies, chosen by shape elsewhere.
  case winograd4
}
