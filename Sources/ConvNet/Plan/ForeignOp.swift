import CKernels
import Im2col

/// A `LayerOp` with the sizes of its operands.
struct LayerOpDescriptor: OpDescriptor {
  let op: any LayerOp
  let outputCount: Int
  let inputCounts: [Int]
  /// The location of each parameter array in the storage.
  let parameters: [(range: Range<Int>, role: LayerParameter.Role)]

  var needsWholeBatch: Bool { op.needsWholeBatch || parameters.contains { $0.role == .state } }

  var trainableRanges: [Range<Int>] { parameters.filter { $0.role == .trainable }.map(\.range) }

  /// The scalars of all trainable arrays.
  var gradientCount: Int { trainableRanges.map(\.count).reduce(0, +) }

  /// The place of an array among the gradients of the trainable arrays.
  ///
  /// - Precondition: the array is trainable.
  func gradientRange(ofParameter index: Int) -> Range<Int> {
    precondition(parameters[index].role == .trainable, "parameter \(index) is state; it has no gradient")
    let start = parameters[..<index].filter { $0.role == .trainable }.map(\.range.count).reduce(0, +)
    return start..<start + parameters[index].range.count
  }

  func makeOp(_ settings: OpSettings) -> any Op { ForeignOp(self, settings) }
}

/// Runs a `LayerOp` on ranges of images, and adds the parameter gradients of the ranges in order.
struct ForeignOp: Op {
  let descriptor: LayerOpDescriptor
  let sharedScratchFloats: Int
  private let isFrozen: Bool

  /// A larger gradient is not kept once for every part; backward then runs on one thread. 256 KiB, so that the
  /// partial sums of all parts fit the second- and third-level caches.
  private static let maxPartialFloats = 1 << 16

  init(_ descriptor: LayerOpDescriptor, _ settings: OpSettings) {
    self.descriptor = descriptor
    isFrozen = settings.isFrozen
    let parts = descriptor.gradientCount <= ForeignOp.maxPartialFloats ? ExecutionContext.maxParts : 1
    sharedScratchFloats = settings.trains ? parts * CacheLine.rounded(descriptor.gradientCount) : 0
  }

  var savedBytes: Int { descriptor.op.savedCount * MemoryLayout<Float>.stride }

  func forward(_ run: ForwardRun) {
    forEachPart(run.images, run.context) { _, images in
      var output = UnsafeMutableBufferPointer(
        start: run.output + images.lowerBound * descriptor.outputCount,
        count: images.count * descriptor.outputCount
      ).mutableSpan
      descriptor.op.forward(
        layerRun(
          images, run.inputs, run.output, run.parameters, state: isFrozen ? nil : run.state, saved: run.saved,
          isTraining: run.saved != nil),
        output: &output)
    }
  }

  func backward(_ run: BackwardRun) {
    let (count, stride) = (descriptor.gradientCount, CacheLine.rounded(descriptor.gradientCount))
    let parts = forEachPart(run.images, run.context, isBackward: true) { part, images in
      var layerRun = layerRun(
        images, run.inputs, run.output, run.parameters, state: nil,
        saved: UnsafeMutablePointer(mutating: run.saved), isTraining: true)
      layerRun.inputGradients = zip(run.inputGradients, descriptor.inputCounts).map { gradient, count in
        gradient.map { $0 + images.lowerBound * count }
      }
      let partial = run.context.sharedScratch + part * stride
      partial.update(repeating: 0, count: count)
      layerRun.parameterGradients = partial
      let outputGradient = UnsafeBufferPointer(
        start: run.outputGradient + images.lowerBound * descriptor.outputCount,
        count: images.count * descriptor.outputCount)
      descriptor.op.backward(layerRun, outputGradient: outputGradient.span)
    }
    guard !isFrozen else { return }
    for (index, parameter) in descriptor.parameters.enumerated() where parameter.role == .trainable {
      ckernels_sum_parts(
        run.context.sharedScratch + descriptor.gradientRange(ofParameter: index).lowerBound, Int64(parts),
        Int64(stride), Int64(parameter.range.count), run.gradients + parameter.range.lowerBound,
        run.accumulates ? 1 : 0)
    }
  }

  /// Calls `body` with ranges that cover the images; returns their number.
  @discardableResult
  private func forEachPart(
    _ images: Int, _ context: ExecutionContext, isBackward: Bool = false,
    _ body: (_ part: Int, _ images: Range<Int>) -> Void
  ) -> Int {
    let isWhole =
      descriptor.needsWholeBatch || isBackward && descriptor.gradientCount > ForeignOp.maxPartialFloats
    guard !isWhole else {
      body(0, 0..<images)
      return 1
    }
    let weight = max(descriptor.outputCount, descriptor.inputCounts.reduce(0, +))
    context.forEachPart(of: images, weight: weight, body)
    return ExecutionContext.parts(of: images, weight: context.workers == nil ? 0 : weight)
  }

  private func layerRun(
    _ images: Range<Int>, _ inputs: [UnsafePointer<Float>], _ output: UnsafePointer<Float>,
    _ parameters: UnsafePointer<Float>, state: UnsafeMutablePointer<Float>?,
    saved: UnsafeMutablePointer<UInt8>?, isTraining: Bool
  ) -> LayerRun {
    LayerRun(
      images: images.count, isTraining: isTraining, descriptor: descriptor,
      inputs: zip(inputs, descriptor.inputCounts).map { $0 + images.lowerBound * $1 }, parameters: parameters,
      state: state,
      saved: saved.map {
        UnsafeMutableRawPointer($0).assumingMemoryBound(to: Float.self)
          + images.lowerBound * descriptor.op.savedCount
      }, output: output + images.lowerBound * descriptor.outputCount)
  }
}
