import Im2col

/// The time of a case if only its products and one pass of its tensors through memory counted:
///
///     FLOPs of the products / sgemm's rate on large squares  +  bytes of the tensors / memory's rate
///
/// Both rates are measured in this process with as many workers. Additional time is spent on im2col, transforms,
/// packing, and waiting; a shorter time means that tensors stayed in the caches.
enum Prediction {
  static func seconds(_ plan: CasePlan, pool: WorkerPool, ceiling: Double) -> Double? {
    guard let bytes = plan.memoryBytes else { return nil }
    return (plan.productFLOPs ?? plan.flops) / (ceiling * 1e9) + bytes / pool.memoryRate
  }
}
