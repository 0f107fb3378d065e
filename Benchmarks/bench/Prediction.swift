import Im2col

/// How long a case would take if nothing but its products and its tensors' way through memory counted:
///
///     products' FLOPs / sgemm's rate on big squares  +  bytes of the tensors / memory's rate
///
/// Both rates are those of this process and of as many workers. What a case takes beyond it went into
/// im2col, transforms, packing, and workers that waited; what it takes less, caches kept.
enum Prediction {
  static func seconds(_ plan: CasePlan, crew: Crew, ceiling: Double) -> Double? {
    guard let bytes = plan.memoryBytes else { return nil }
    return (plan.productFLOPs ?? plan.flops) / (ceiling * 1e9) + bytes / crew.memoryRate
  }

  /// How many of a convolution's multiplications a lowering makes.
  ///
  /// A Winograd tile of m x m outputs under a 3x3 kernel takes (m + 2)^2 products in place of 9 m^2
  /// (Lavin and Gray, arXiv 1509.09308, section 3.2).
  static func shareOfProducts(_ lowering: LoweringName) -> Double {
    switch lowering {
    case .gemm, .im2col, .depthwise: 1
    case .winograd2: 16.0 / 36
    case .winograd4: 36.0 / 144
    }
  }
}
