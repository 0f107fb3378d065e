import Im2col

/// The passes of one convolution layer, for every possible number of images.
///
/// A run processes its images in blocks. In a micro-batch, the patches and products of a block fit into a
/// core's second-level cache. In a whole batch, whose passes divide their work among the workers, the
/// product of a block is bounded by `BlockRule.bytesInBatch`.
///
///     run      [ image image image | image image image | image image ]
///                block of 3          block of 3          remainder
struct ConvolutionPasses: Sendable {
  /// The three directions for one number of images; the gradients are nil for inference.
  struct Directions: Sendable {
    let forward: LoweredPass
    let kernelGradient: LoweredPass?
    let inputGradient: LoweredPass?

    var gradients: [LoweredPass] { [kernelGradient, inputGradient].compactMap { $0 } }
  }

  let geometry: ConvolutionGeometry
  /// The number of images in a full block.
  let imagesPerBlock: Int
  /// Indexed by the number of images minus 1; nil for numbers that do not occur.
  private let directions: [Directions?]

  /// - Parameter pooling: the windows of the max pooling over the output; nil without pooling.
  init(_ geometry: ConvolutionGeometry, _ settings: OpSettings, pooling: WindowGeometry?) {
    self.geometry = geometry
    let block = BlockRule.images(of: geometry, settings.images)
    imagesPerBlock = block
    let counts: Set<Int> =
      switch settings.images {
      case .upTo: Set(1...block)
      case .exactly(let images): [block, images % block]
      }
    directions = (1...block).map { images in
      guard counts.contains(images) else { return nil }
      func pass(_ pass: ConvolutionProblem.Pass) -> LoweredPass {
        LoweringTable.makePass(
          ConvolutionProblem(
            geometry.withBatch(images), pass, pooling: pooling,
            scratchBytes: settings.options.scratchBytes),
          settings.options.lowering)
      }
      return Directions(
        forward: pass(.forward), kernelGradient: settings.trains ? pass(.kernelGradient) : nil,
        inputGradient: settings.trains && settings.needsInputGradient ? pass(.inputGradient) : nil)
    }
  }

  /// Returns the passes for a block of images.
  ///
  /// - Precondition: the settings allow a run with a block of this size.
  func forImages(_ images: Int) -> Directions {
    guard let found = directions[images - 1] else { preconditionFailure("no passes for \(images) images") }
    return found
  }

  /// The largest scratch of any pass, in scalars: per worker, and shared.
  var workerScratchFloats: Int {
    max(largest(\.scratchFloats, of: forwards), largest(\.scratchFloats, of: gradients))
  }
  var forwardSharedFloats: Int { largest(\.sharedFloats, of: forwards) }
  var gradientSharedFloats: Int { largest(\.sharedFloats, of: gradients) }
  var lowering: Lowering { forImages(imagesPerBlock).forward.lowering }

  private var forwards: [LoweredPass] { directions.compactMap { $0?.forward } }
  private var gradients: [LoweredPass] { directions.compactMap { $0?.gradients }.flatMap { $0 } }

  private func largest(_ size: (LoweredPass) -> Int, of passes: [LoweredPass]) -> Int {
    passes.map(size).max() ?? 0
  }

  /// Calls `body` with blocks that cover `0..<images`.
  func forEachImageBlock(of images: Int, _ body: (_ range: Range<Int>, _ passes: Directions) -> Void) {
    var start = 0
    while start < images {
      let end = min(start + imagesPerBlock, images)
      body(start..<end, forImages(end - start))
      start = end
    }
  }
}

/// The number of images in a block.
private enum BlockRule {
  /// The patches and the product of a block in a micro-batch: about half of a core's second-level cache.
  static let bytesInMicroBatch = 288 * 1024
  /// The product of a block in a whole batch.
  static let bytesInBatch = 64 * 1024 * 1024

  static func images(of geometry: ConvolutionGeometry, _ images: OpSettings.Images) -> Int {
    let product = geometry.outputCount * MemoryLayout<Float>.stride
    switch images {
    case .upTo(let maxImages):
      let patches = geometry.pixels * geometry.patchLength * geometry.groups * MemoryLayout<Float>.stride
      let multiplications = geometry.outputCount * geometry.patchLength
      // OpenBLAS has a separate path for small products, which is faster for few channels.
      return max(
        1, min(maxImages, bytesInMicroBatch / (product + patches), TileRule.smallProduct / multiplications))
    case .exactly(let images):
      return max(1, min(images, bytesInBatch / product))
    }
  }
}
