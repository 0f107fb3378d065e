import Im2col

/// A op of work with known sizes, before it is decided how many images go through it at a time.
package protocol OpDescriptor: Sendable {
  /// Scalars of one image's output.
  var outputCount: Int { get }

  /// This op with the next one worked into it, or nil where the two have to stay apart.
  func absorbing(_ next: any OpDescriptor) -> (any OpDescriptor)?

  /// Scalars of the largest thing that one image makes inside the op.
  var workingCount: Int { get }

  /// Whether there is nothing to do, as for the identity.
  var isIdentity: Bool { get }

  /// The op for runs of some number of images.
  func op(_ settings: OpSettings) -> any Op
}

extension OpDescriptor {
  package func absorbing(_ next: any OpDescriptor) -> (any OpDescriptor)? { nil }
  package var isIdentity: Bool { false }
  package var workingCount: Int { outputCount }
}

/// What a op is built for.
package struct OpSettings: Sendable {
  /// How many images a run may have.
  package enum Images: Sendable, Hashable {
    /// Any number from 1 to this: a micro-batch.
    case upTo(Int)
    /// Just this many: a whole batch.
    case exactly(Int)

    package var most: Int {
      switch self {
      case .upTo(let count), .exactly(let count): count
      }
    }
  }

  /// How many images a run may have.
  package var images: Images
  /// Whether the gradient of the op's input is ever asked for; not for the first op of a model.
  package var needsInputGradient: Bool
  /// Whether the op is ever run backward.
  package var trains: Bool
  /// Scratch and lowering.
  package var options: PassOptions

  package struct PassOptions: Sendable, Hashable {
    package var scratchBytes: Int
    package var lowering: Lowering

    package init(_ options: ComputeOptions) {
      (scratchBytes, lowering) = (options.scratchBytes, options.lowering)
    }

    package func settings(_ layout: PixelLayout) -> PassSettings {
      PassSettings(scratchBytes: scratchBytes, lowering: lowering, layout: layout)
    }
  }
}
