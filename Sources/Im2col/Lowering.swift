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

/// The names of the lowerings in reports.
package enum LoweringName: String, Sendable, Hashable {
  case gemm, im2col, direct, depthwise, winograd2, winograd4
}
