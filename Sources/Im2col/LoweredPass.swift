/// A pass with the row of the table that it was made by.
package struct LoweredPass: ConvolutionPass {
  package let lowering: Lowering
  /// Whether a gradient pass reads the gradient of every output pixel. Otherwise it reads the gradient of the
  /// pooled rows and the places of the maxima.
  package let readsDenseRows: Bool
  let pass: any ConvolutionPass

  package var multiplicationRatio: Double { pass.multiplicationRatio }
  package var stages: [Int] { pass.stages }
  package var scratchFloats: Int { pass.scratchFloats }
  package var sharedFloats: Int { pass.sharedFloats }

  package func run(
    stage: Int, unit: Int, _ operands: PassOperands, scratch: UnsafeMutablePointer<Float>
  ) {
    pass.run(stage: stage, unit: unit, operands, scratch: scratch)
  }
}
