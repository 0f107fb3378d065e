/// An algorithm for a convolution and its gradients.
///
/// The engine chooses another lowering for layers that the named one does not support. Depthwise layers, and
/// layers with a single input channel and few output channels, may also use their own lowering instead.
public enum Lowering: String, Sendable, Hashable, CaseIterable {
  /// The engine chooses, only by the shape of the layer.
  case automatic
  /// Column matrices, built in tiles and multiplied by OpenBLAS. Small integers come out exact. NaN and
  /// infinity reach exactly the outputs that use them.
  case im2col
  /// Register tiles that read the windows in place, without a column matrix; as exact as `im2col`. The input
  /// gradient of kernels larger than 1x1 scatters columns, as under `im2col`.
  case direct
  /// Winograd's F(2x2, 3x3) or F(2x2, 5x5) for 3x3 or 5x5 kernels at stride 1 without dilation. Other
  /// layers use im2col, direct or depthwise, chosen by shape.
  case winograd2
  /// Winograd's F(4x4, 3x3) for 3x3 kernels at stride 1 without dilation. Other layers use im2col, direct or
  /// depthwise, chosen by shape.
  case winograd4
}

/// The name of a lowering in reports.
package enum LoweringName: String, Sendable, Hashable {
  case gemm, im2col, direct, depthwise, winograd2, winograd4
}
