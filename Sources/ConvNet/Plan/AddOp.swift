import CKernels
import Im2col

/// The sum of values of the same size, optionally with the activation that follows.
package struct AddDescriptor: ActivatedDescriptor {
  /// The number of scalars in one image.
  let count: Int
  let inputs: Int
  package var activation = Activation.identity

  package var outputCount: Int { count }

  package func makeOp(_ settings: OpSettings) -> any Op { AddOp(self) }
}

/// Adds values in the order of the inputs; backward copies the output gradient.
final class AddOp: Op {
  let descriptor: AddDescriptor

  var backwardReadsInputs: Bool { false }
  var backwardReadsOutput: Bool { descriptor.activation != .identity }
  var inputSharingGradient: Int? { 0 }

  init(_ descriptor: AddDescriptor) { self.descriptor = descriptor }

  func forward(_ run: ForwardRun) {
    run.context.forEachPart(of: run.images, weight: descriptor.count) { _, images in
      let (start, count) = (images.lowerBound * descriptor.count, images.count * descriptor.count)
      let output = run.output + start
      for index in run.inputs.indices.dropFirst() {
        let isLast = index == run.inputs.count - 1
        ckernels_add(
          Int64(count), index == 1 ? run.input + start : UnsafePointer(output), run.inputs[index] + start,
          (isLast ? descriptor.activation : .identity).kernelFunction, output)
      }
    }
  }

  func backward(_ run: BackwardRun) {
    run.context.forEachPart(of: run.images, weight: descriptor.count) { _, images in
      let (start, count) = (images.lowerBound * descriptor.count, images.count * descriptor.count)
      let gradient = run.outputGradient + start
      if descriptor.activation != .identity {
        descriptor.activation.gradient(
          rows: count, columns: 1, values: run.output + start, outputGradient: gradient, into: gradient)
      }
      for case let inputGradient? in run.inputGradients where inputGradient != run.outputGradient {
        (inputGradient + start).update(from: gradient, count: count)
      }
    }
  }
}
