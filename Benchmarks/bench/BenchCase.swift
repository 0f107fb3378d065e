import Im2col

/// Something to measure, before it is known with how many workers.
struct BenchCase {
  /// For example `layer/vgg3_2/forward`.
  let name: String
  /// Images in one repetition, where images are what people count.
  var images: Int?
  /// Repetitions a sample; nil to let the clock decide.
  var repetitions: Int?
  /// What a later run needs to measure the same case again.
  var recipe: [JSONField] = []
  /// The case with all its memory, for some workers.
  let plan: (Crew) throws -> CasePlan
}

/// A case that can run: what is checked is what is timed.
struct CasePlan {
  /// Runs once and says what is wrong with the results, if anything is.
  let firstMismatch: (PlantedError?) throws -> String?
  /// What is timed.
  let run: () throws -> Void
  /// Multiplications and additions of the case's definition, whatever the lowering.
  let flops: Double
  /// How many times `run` does the case; more than 1 where once would be too short for the workers to meet.
  var casesInRun = 1
  /// Multiplications and additions that the products really make; fewer than `flops` under Winograd.
  var productFLOPs: Double?
  /// Bytes that have to come from memory or go there at least once.
  var memoryBytes: Double?
  /// Fields of a row that only this kind of case has.
  var lowering: String?
  var kernelGradientLowering: String?
  var scratchBytes: Int?
  var preparedBytes: Int?
}
