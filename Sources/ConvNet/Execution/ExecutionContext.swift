import Im2col

/// The threads and the scratch of an op: the calling thread alone (micro-batch schedule), or all workers
/// (layer-by-layer schedule).
package struct ExecutionContext {
  /// nil if the calling thread runs alone.
  package var workers: Workers?
  /// The scratch shared by all workers.
  package var sharedScratch: UnsafeMutablePointer<Float>
  /// The scratch of the first worker; those of the others follow at this stride.
  package var workerScratch: UnsafeMutablePointer<Float>
  /// The distance in scalars between the scratch of two workers.
  package var workerScratchStride: Int

  /// Runs independent units of work, each with the scratch of one worker.
  package func forEach(_ units: Int, _ body: (_ unit: Int, _ scratch: UnsafeMutablePointer<Float>) -> Void) {
    guard let workers else {
      for unit in 0..<units { body(unit, workerScratch) }
      return
    }
    workers.run(units) { unit, worker in body(unit, workerScratch + worker * workerScratchStride) }
  }

  /// Runs all units of a convolution pass.
  package func run(_ pass: any ConvolutionPass, _ operands: PassOperands) {
    for stage in pass.stages.indices {
      forEach(pass.stages[stage]) { unit, scratch in
        pass.run(stage: stage, unit: unit, operands, scratch: scratch)
      }
    }
  }

  /// Calls `body` with ranges that cover `0..<count`: one range if the calling thread runs alone, otherwise
  /// ranges determined by the count and the weight.
  package func forEachPart(of count: Int, weight: Int, _ body: (_ part: Int, _ range: Range<Int>) -> Void) {
    let parts = ExecutionContext.parts(of: count, weight: workers == nil ? 0 : weight)
    forEach(parts) { part, _ in body(part, part * count / parts..<(part + 1) * count / parts) }
  }

  /// Returns the number of parts for `count` elements of `weight` scalars each.
  package static func parts(of count: Int, weight: Int) -> Int {
    min(count, maxParts, max(1, count * weight / minScalarsPerPart))
  }

  /// The maximum number of parts; ops keep a partial sum for each.
  package static let maxParts = 16

  private static let minScalarsPerPart = 16_384
}
