/// One direction of one convolution, split into units that any worker may run.
///
/// The units of a stage are independent of each other, and a stage begins after the stage before it. A
/// lowering that prepares its kernel does so in a stage before the products; one that adds partial sums does
/// so in a stage after them. The split depends only on the geometry and the scratch budget, and each unit writes
/// its own part of the result, so the bits do not depend on the order of the units.
package protocol ConvolutionPass: Sendable {
  /// The multiplications of this pass, as a fraction of those of the direct sum.
  var multiplicationRatio: Double { get }
  /// The number of units of each stage.
  var stages: [Int] { get }
  /// Scalars of scratch that one unit uses, within the budget of the problem.
  var scratchFloats: Int { get }
  /// Scalars that the units share: prepared kernels, transformed factors, partial sums.
  var sharedFloats: Int { get }
  /// Runs one unit.
  func run(stage: Int, unit: Int, _ operands: PassOperands, scratch: UnsafeMutablePointer<Float>)
}

extension ConvolutionPass {
  package var multiplicationRatio: Double { 1 }

  /// Runs all units on the calling thread, as a fused op does within its micro-batch.
  package func run(_ operands: PassOperands, scratch: UnsafeMutablePointer<Float>) {
    for stage in stages.indices {
      for unit in 0..<stages[stage] { run(stage: stage, unit: unit, operands, scratch: scratch) }
    }
  }

  /// The distance in scalars between the scratch of two workers, a multiple of a cache line.
  package var scratchStep: Int { CacheLine.rounded(scratchFloats) }

  /// Runs all units on several threads.
  ///
  /// - Parameter scratch: `workers.count * scratchStep` scalars.
  package func run(
    _ operands: PassOperands, workers: Workers, scratch: UnsafeMutablePointer<Float>
  ) {
    for stage in stages.indices {
      workers.run(stages[stage]) { unit, worker in
        run(stage: stage, unit: unit, operands, scratch: scratch + worker * scratchStep)
      }
    }
  }
}
