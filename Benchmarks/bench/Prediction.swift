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
}
