import Im2col

/// A description of an op, independent of the number of images.
package protocol OpDescriptor: Sendable {
  /// The number of scalars in the output of one image.
  var outputCount: Int { get }

  /// Returns this op fused with the next one; nil if they cannot be fused.
  func fused(with next: any OpDescriptor) -> (any OpDescriptor)?

  /// The number of scalars in the largest intermediate result of one image.
  var workingCount: Int { get }

  /// Whether the output equals the input.
  var isIdentity: Bool { get }

  /// Creates the op for a number of images.
  func makeOp(_ settings: OpSettings) -> any Op
}

extension OpDescriptor {
  package func fused(with next: any OpDescriptor) -> (any OpDescriptor)? { nil }
  package var isIdentity: Bool { false }
  package var workingCount: Int { outputCount }
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
  /// Whether backward computes the input gradient; false for the first op of a model.
  package var needsInputGradient: Bool
  /// Whether the op runs backward.
  package var trains: Bool
  /// Scratch and lowering.
  package var options: PassOptions

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
