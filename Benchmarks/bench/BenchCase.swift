import Im2col

/// A case to measure with any number of workers.
struct BenchCase {
  /// For example `layer/vgg3_2/forward`.
  let name: String
  /// Images per repetition; nil for cases that do not count images.
  var images: Int?
  /// Repetitions per sample; nil to let the stopwatch choose.
  var repetitions: Int?
  /// Fields of a row from which a later run measures the same case.
  var configuration: [JSONField] = []
  /// Allocates the case for some workers.
  let plan: (WorkerPool) throws -> CasePlan
}

/// A case with its memory: the same closure is checked and timed.
struct CasePlan {
  /// Runs once and describes the first wrong result, if there is one.
  let firstMismatch: (InjectedError?) throws -> String?
  /// The work to time.
  let run: () throws -> Void
  /// Multiplications and additions of the direct sum, for every lowering.
  let flops: Double
  /// How many times `run` computes the case; more than 1 if one time is shorter than waking the workers.
  var casesInRun = 1
  /// Multiplications and additions that the lowering performs; fewer than `flops` for Winograd.
  var productFLOPs: Double?
  /// Bytes that are read from or written to memory at least once.
  var memoryBytes: Double?
  // Fields of a row that only layers have.
  var lowering: String?
  var kernelGradientLowering: String?
  var scratchBytes: Int?
  var preparedBytes: Int?
}
