import Im2col

/// The computation of a layer of another package, for the shapes that its plan was made for.
///
///     struct ScaleOp: LayerOp {
///       func forward(_ run: LayerRun, output: inout MutableSpan<Float>) {
///         run.withInput { input in
///           run.withParameter(0) { factor in
///             for i in output.indices { output[i] = factor[0] * input[i] }
///           }
///         }
///       }
///
///       func backward(_ run: LayerRun, outputGradient: Span<Float>) {
///         run.withInput { input in
///           run.addingToParameterGradient(0) { gradient in
///             for i in outputGradient.indices { gradient[0] += outputGradient[i] * input[i] }
///           }
///         }
///         run.withParameter(0) { factor in
///           run.settingInputGradient { gradient in
///             for i in outputGradient.indices { gradient[i] = factor[0] * outputGradient[i] }
///           }
///         }
///       }
///     }
///
/// Arrays of a run are `[images, ...]` with the shapes of the plan, in row-major order, channels last. Ranges
/// of the images may run concurrently on several threads, unless the op needs the whole batch. The same
/// operands must always give the same bits.
public protocol LayerOp: Sendable {
  /// Scalars per image that `forward` saves for `backward`.
  var savedCount: Int { get }
  /// Whether a run must have all images of a batch, as for statistics over the batch. Training then runs layer
  /// by layer. Layers with state always do.
  var needsWholeBatch: Bool { get }

  /// Computes the output.
  ///
  /// - Parameters:
  ///   - run: the operands.
  ///   - output: `[images, outputShape]`; overwrite every scalar.
  func forward(_ run: LayerRun, output: inout MutableSpan<Float>)

  /// Computes the input gradients and the parameter gradients.
  ///
  /// - Parameters:
  ///   - run: the operands.
  ///   - outputGradient: `[images, outputShape]`.
  func backward(_ run: LayerRun, outputGradient: Span<Float>)
}

extension LayerOp {
  /// Nothing is saved.
  public var savedCount: Int { 0 }
  /// Runs may have any number of images.
  public var needsWholeBatch: Bool { false }
}

extension LayerPlan {
  /// Creates the plan of a layer that an op computes.
  ///
  /// - Parameters:
  ///   - outputShape: the shape of one output, without the batch.
  ///   - parameters: the parameter arrays in the order of model files.
  ///   - forwardFLOPs: floating-point operations of the forward pass for one image.
  ///   - op: the computation.
  public init(
    outputShape: [Int], parameters: [LayerParameter] = [], forwardFLOPs: Double = 0, op: some LayerOp
  ) {
    self.init(outputShape: outputShape, parameters: parameters, forwardFLOPs: forwardFLOPs) { position in
      [
        LayerOpDescriptor(
          op: op, outputCount: outputShape.reduce(1, *), inputCounts: position.inputCounts,
          parameters: zip(parameters, position.parameters).map {
            (range: $1..<$1 + $0.shape.reduce(1, *), role: $0.role)
          })
      ]
    }
  }
}

/// The operands of a run of a `LayerOp`: of one range of images.
public struct LayerRun {
  /// The number of images.
  public let images: Int
  /// Whether a backward run follows, or this is one.
  public let isTraining: Bool

  let descriptor: LayerOpDescriptor
  let inputs: [UnsafePointer<Float>]
  let parameters: UnsafePointer<Float>
  let state: UnsafeMutablePointer<Float>?
  let saved: UnsafeMutablePointer<Float>?
  let output: UnsafePointer<Float>
  var inputGradients: [UnsafeMutablePointer<Float>?] = []
  /// The gradients of the trainable arrays, one after the other; they hold zeros or earlier sums.
  var parameterGradients: UnsafeMutablePointer<Float>?

  /// Calls `body` with an input, `[images, inputShape]`.
  public func withInput<R>(_ index: Int = 0, _ body: (Span<Float>) -> R) -> R {
    body(UnsafeBufferPointer(start: inputs[index], count: images * descriptor.inputCounts[index]).span)
  }

  /// Calls `body` with the output of the forward run, `[images, outputShape]`. For backward.
  public func withOutput<R>(_ body: (Span<Float>) -> R) -> R {
    body(UnsafeBufferPointer(start: output, count: images * descriptor.outputCount).span)
  }

  /// Calls `body` with a parameter array, in the order of the plan.
  public func withParameter<R>(_ index: Int, _ body: (Span<Float>) -> R) -> R {
    let range = descriptor.parameters[index].range
    return body(UnsafeBufferPointer(start: parameters + range.lowerBound, count: range.count).span)
  }

  /// Calls `body` with a state array, to be updated. For forward runs in training; otherwise does nothing.
  public func updatingState(_ index: Int, _ body: (inout MutableSpan<Float>) -> Void) {
    let parameter = descriptor.parameters[index]
    precondition(parameter.role == .state, "parameter \(index) is trainable; only the optimizer updates it")
    guard let state else { return }
    var span = UnsafeMutableBufferPointer(
      start: state + parameter.range.lowerBound, count: parameter.range.count
    ).mutableSpan
    body(&span)
  }

  /// Calls `body` with the scalars that forward saves for backward, `[images, savedCount]`. Does nothing in
  /// inference.
  public func withSaved(_ body: (inout MutableSpan<Float>) -> Void) {
    guard let saved else { return }
    var span = UnsafeMutableBufferPointer(start: saved, count: images * descriptor.op.savedCount).mutableSpan
    body(&span)
  }

  /// Calls `body` with the gradient of an input, `[images, inputShape]`, to be overwritten; does nothing where
  /// it is not needed. For backward.
  public func settingInputGradient(_ index: Int = 0, _ body: (inout MutableSpan<Float>) -> Void) {
    guard let start = inputGradients[index] else { return }
    var span = UnsafeMutableBufferPointer(start: start, count: images * descriptor.inputCounts[index])
      .mutableSpan
    body(&span)
  }

  /// Calls `body` with the gradient of a trainable array, to be added to. For backward.
  public func addingToParameterGradient(_ index: Int, _ body: (inout MutableSpan<Float>) -> Void) {
    guard let parameterGradients else { return }
    let range = descriptor.gradientRange(ofParameter: index)
    var span = UnsafeMutableBufferPointer(
      start: parameterGradients + range.lowerBound, count: range.count
    ).mutableSpan
    body(&span)
  }
}
