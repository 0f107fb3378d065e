/// An algorithm for a convolution and its gradients: the name of a row of the table of lowerings.
///
/// A named lowering is used for every pass that it supports, and ``im2col`` for all others. The rows and what
/// each of them supports are declared in `LoweringTable`.
public struct Lowering: RawRepresentable, Sendable, Hashable, CaseIterable, CustomStringConvertible {
  /// The name, as in options and reports.
  public let rawValue: String

  /// Returns the lowering with a name; nil if there is none.
  public init?(rawValue: String) {
    guard Lowering.allCases.contains(where: { $0.rawValue == rawValue }) else { return nil }
    self.rawValue = rawValue
  }

  private init(_ name: String) { rawValue = name }

  /// The name.
  public var description: String { rawValue }

  /// `automatic`, then the rows of the table.
  public static let allCases = [automatic] + LoweringTable.rows.map(\.lowering)

  /// The row with the least predicted cost, determined only by the shape and the scratch budget.
  public static let automatic = Lowering("automatic")
  /// Column matrices, built in tiles and multiplied by OpenBLAS. Supports everything. Small integers come out
  /// exact. NaN and infinity reach exactly the outputs that use them.
  public static let im2col = Lowering("im2col")
  /// A product of the input itself, which is its own column matrix: 1x1 kernels at stride 1 without padding.
  public static let gemm = Lowering("gemm")
  /// Register tiles that read the windows in place, without a column matrix; as exact as ``im2col``.
  public static let direct = Lowering("direct")
  /// Sums along output rows, for a single input channel at stride 1.
  public static let rows = Lowering("rows")
  /// Sums over the window of each channel, for one output channel per input channel.
  public static let depthwise = Lowering("depthwise")
  /// Sums over the windows of groups of 2, 4, 8 or 16 channels with as many outputs, several groups in one
  /// vector.
  public static let grouped = Lowering("grouped")
  /// Winograd's F(2x2, 3x3), F(2x2, 5x5) or F(2, 7), for 3x3, 5x5, 7x1 or 1x7 kernels at stride 1.
  public static let winograd2 = Lowering("winograd2")
  /// Winograd's F(4x4, 3x3), F(4, 3) or F(4, 5), for 3x3 kernels and lines of 3 or 5 taps at stride 1.
  public static let winograd4 = Lowering("winograd4")
  /// Gradients that come back through a max pooling, at the pixels of the maxima only; zeros are skipped.
  public static let sparse = Lowering("sparse")
}
