import CKernels
import Im2col

/// A matrix product over rows of features, with its bias and the activation that follows.
package struct DenseBlueprint: StepBlueprint {
  let inputs, units: Int
  let kernelStart, biasStart: Int
  var activation = Activation.identity

  package var outputCount: Int { units }

  package func absorbing(_ next: any StepBlueprint) -> (any StepBlueprint)? {
    guard let next = next as? ActivationBlueprint, next.activation != .softmax, activation == .identity else {
      return nil
    }
    var fused = self
    fused.activation = next.activation
    return fused
  }

  package func step(_ settings: StepSettings) -> any Step { DenseStep(self, settings) }
}

/// The three products of a dense layer:
///
///     output         [images x units]   = input   [images x inputs] * kernel [inputs x units]
///     kernel grad    [inputs x units]  += input^T [inputs x images] * output gradient [images x units]
///     input grad     [images x inputs]  = output gradient [images x units] * kernel^T [units x inputs]
///
/// OpenBLAS multiplies small products with a transposed right factor at half speed, so in a chunk the third
/// takes a transposed copy of the kernel that is made once an update.
final class DenseStep: Step {
  let shape: DenseBlueprint
  let keepsTransposedKernel: Bool

  var inputCount: Int { shape.inputs }
  var outputCount: Int { shape.units }
  let keptBytes = 0
  let sharedFloats: Int
  let workerFloats = 0
  var preparedFloats: Int { keepsTransposedKernel ? shape.inputs * shape.units : 0 }
  let lowering: LoweringName? = .gemm

  /// Columns of one product: several workers share a wide layer, and a chunk's products stay small.
  static let widestBlock = 512

  init(_ shape: DenseBlueprint, _ settings: StepSettings) {
    self.shape = shape
    if case .upTo(let images) = settings.images {
      keepsTransposedKernel =
        settings.needsInputGradient && settings.trains && images >= KernelTranspose.fewestImages
    } else {
      keepsTransposedKernel = false
    }
    sharedFloats = settings.trains ? Hands.mostParts * shape.units : 0
  }

  func forward(_ run: ForwardRun) {
    let units = shape.units
    run.hands.forEachBlock(of: units) { columns in
      let output = run.output + columns.lowerBound
      BLAS.multiply(
        rows: run.images, columns: columns.count, terms: shape.inputs,
        BLAS.Matrix(run.input, rowStride: shape.inputs),
        BLAS.Matrix(run.parameters + shape.kernelStart + columns.lowerBound, rowStride: units),
        into: output, rowStride: units, accumulate: false)
      ckernels_finish_rows(
        output, Int64(run.images), Int64(columns.count), Int64(units),
        run.parameters + shape.biasStart + columns.lowerBound, shape.activation.kernelFunction)
    }
  }

  func backward(_ run: BackwardRun) {
    run.applyActivationGradient(shape.activation, channels: shape.units, biasStart: shape.biasStart)
    // Blocks of rows of the kernel's gradient.
    run.hands.forEachBlock(of: shape.inputs) { rows in
      BLAS.multiply(
        rows: rows.count, columns: shape.units, terms: run.images,
        BLAS.Matrix(run.input + rows.lowerBound, rowStride: shape.inputs, transposed: true),
        BLAS.Matrix(run.outputGradient, rowStride: shape.units),
        into: run.gradients + shape.kernelStart + rows.lowerBound * shape.units, rowStride: shape.units,
        accumulate: run.accumulates)
    }
    guard let inputGradient = run.inputGradient else { return }
    run.hands.forEachBlock(of: shape.inputs) { columns in
      BLAS.multiply(
        rows: run.images, columns: columns.count, terms: shape.units,
        BLAS.Matrix(run.outputGradient, rowStride: shape.units), transposedKernel(run, columns),
        into: inputGradient + columns.lowerBound, rowStride: shape.inputs, accumulate: false)
    }
  }

  /// The copy that this step wants, if any.
  func transposedKernel(preparedStart: Int) -> KernelTranspose? {
    keepsTransposedKernel
      ? KernelTranspose(
        kernelStart: shape.kernelStart, rows: shape.inputs, columns: shape.units, preparedStart: preparedStart)
      : nil
  }

  /// Columns of `[units, inputs]`, copied or read across.
  private func transposedKernel(_ run: BackwardRun, _ columns: Range<Int>) -> BLAS.Matrix {
    if keepsTransposedKernel, run.images >= KernelTranspose.fewestImages, let prepared = run.prepared {
      return BLAS.Matrix(prepared + columns.lowerBound, rowStride: shape.inputs)
    }
    return BLAS.Matrix(
      run.parameters + shape.kernelStart + columns.lowerBound * shape.units, rowStride: shape.units,
      transposed: true)
  }
}

extension Hands {
  /// Calls `body` with blocks of at most `DenseStep.widestBlock` of `0..<count`.
  fileprivate func forEachBlock(of count: Int, _ body: (Range<Int>) -> Void) {
    let cut = (count + DenseStep.widestBlock - 1) / DenseStep.widestBlock
    forEach(cut) { unit, _ in body(unit * count / cut..<(unit + 1) * count / cut) }
  }
}

/// A dense kernel whose transposed copy a chunk road keeps up to date.
package struct KernelTranspose: Sendable {
  let kernelStart, rows, columns: Int
  /// Where the copy starts among all prepared numbers.
  let preparedStart: Int

  /// Products with fewer images read the kernel across: copying it would cost more.
  static let fewestImages = 4
}
