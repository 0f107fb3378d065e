import Im2col

/// A description of an op, independent of the number of images.
package protocol OpDescriptor: Sendable {
  /// The number of scalars in the output of one image.
  var outputCount: Int { get }

  /// Returns this op fused with one that reads its output.
  ///
  /// - Parameters:
  ///   - next: the other op.
  ///   - input: which input of the other op this output is.
  ///   - purpose: the purpose of the ops.
  /// - Returns: an op that reads the inputs of this op, then the other inputs of `next`; nil if they cannot
  ///   be fused.
  func fused(with next: any OpDescriptor, atInput input: Int, _ purpose: OpPurpose) -> (any OpDescriptor)?

  /// The number of scalars in the largest intermediate result of one image.
  var workingCount: Int { get }

  /// Whether the output equals the input.
  func isIdentity(_ purpose: OpPurpose) -> Bool

  /// Whether training needs all images of a batch in one run, as for statistics over the batch.
  var needsWholeBatch: Bool { get }

  /// The ranges of the storage that backward writes gradients for.
  var trainableRanges: [Range<Int>] { get }

  /// Creates the op for a number of images.
  func makeOp(_ settings: OpSettings) -> any Op
}

extension OpDescriptor {
  package func fused(
    with next: any OpDescriptor, atInput input: Int, _ purpose: OpPurpose
  ) -> (any OpDescriptor)? { nil }
  package func isIdentity(_ purpose: OpPurpose) -> Bool { false }
  package var workingCount: Int { outputCount }
  package var needsWholeBatch: Bool { false }
  package var trainableRanges: [Range<Int>] { [] }
}

/// An op that applies an activation to its finished output.
package protocol ActivatedDescriptor: OpDescriptor {
  /// The activation; the identity for none.
  var activation: Activation { get set }
}

extension ActivatedDescriptor {
  /// Returns this op with the activation that follows; nil if another op follows, or there is an activation.
  func activated(by next: any OpDescriptor, _ purpose: OpPurpose) -> Self? {
    guard let next = next as? ActivationDescriptor, activation == .identity,
      next.activation.isFusable(purpose)
    else { return nil }
    var activated = self
    activated.activation = next.activation
    return activated
  }

  package func fused(
    with next: any OpDescriptor, atInput input: Int, _ purpose: OpPurpose
  ) -> (any OpDescriptor)? { activated(by: next, purpose) }
}

/// What ops are made for.
package struct OpPurpose: Sendable, Hashable {
  /// Whether backward runs.
  package var trains: Bool
  /// Whether adjacent ops are fused; false to observe the output of every layer.
  package var fuses: Bool
  /// The activation that is removed at the end of the network and applied, or differentiated, with the loss;
  /// nil for none.
  package var finalActivation: Activation?
  /// The indices of the nodes that training does not change.
  package var frozenNodes: Set<Int>

  package init(
    trains: Bool, fuses: Bool = true, finalActivation: Activation? = .softmax, frozenNodes: Set<Int> = []
  ) {
    (self.trains, self.fuses) = (trains, fuses)
    (self.finalActivation, self.frozenNodes) = (finalActivation, frozenNodes)
  }

  package static let inference = OpPurpose(trains: false)
  package static let training = OpPurpose(trains: true)
}

/// The settings with which an op is created.
package struct OpSettings: Sendable {
  /// The number of images in a run.
  package enum Images: Sendable, Hashable {
    /// Any number from 1 to this one: a micro-batch.
    case upTo(Int)
    /// Exactly this number: a whole batch.
    case exactly(Int)

    /// The largest number of images.
    package var maxCount: Int {
      switch self {
      case .upTo(let count), .exactly(let count): count
      }
    }
  }

  /// The number of images in a run.
  package var images: Images
  /// Whether backward computes the gradient of each input; false where nothing before the input is trained.
  package var needsInputGradients: [Bool]
  /// Whether the op runs backward.
  package var trains: Bool
  /// Whether training leaves the op's parameters, and its state, as they are.
  package var isFrozen = false
  /// Scratch and lowering.
  package var options: PassOptions

  /// Whether backward computes the gradient of the first input.
  package var needsInputGradient: Bool { needsInputGradients.first ?? false }

  /// The options that passes depend on.
  package struct PassOptions: Sendable, Hashable {
    package var scratchBytes: Int
    package var lowering: Lowering

    /// The scratch budget of a worker, in scalars.
    package var scratchFloats: Int {
      max(scratchBytes, ComputeOptions.smallestScratchBytes) / MemoryLayout<Float>.stride
    }

    package init(_ options: ComputeOptions) {
      (scratchBytes, lowering) = (options.scratchBytes, options.lowering)
    }
  }
}
