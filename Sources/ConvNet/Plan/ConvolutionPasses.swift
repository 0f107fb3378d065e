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
  /// The passes for one number of images.
  struct Directions: Sendable {
    fileprivate let passes: [ConvolutionProblem.Pass: LoweredPass]

    /// - Precondition: the pass was planned.
    subscript(pass: ConvolutionProblem.Pass) -> LoweredPass {
      guard let found = passes[pass] else { preconditionFailure("no \(pass) pass was planned") }
      return found
    }

    /// Returns a pass; nil if it was not planned.
    func find(_ pass: ConvolutionProblem.Pass) -> LoweredPass? { passes[pass] }
  }

  let geometry: ConvolutionGeometry
  /// The number of images in a full block.
  let imagesPerBlock: Int
  /// Indexed by the number of images minus 1; nil for numbers that do not occur.
  private let directions: [Directions?]

  /// - Parameters:
  ///   - pooling: the windows of the max pooling over the output; nil without pooling.
  ///   - needed: the passes to plan.
  init(
    _ geometry: ConvolutionGeometry, _ settings: OpSettings, pooling: WindowGeometry?,
    _ needed: [ConvolutionProblem.Pass]
  ) {
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
      let passes = needed.map { pass in
        let problem = ConvolutionProblem(
          geometry.withBatch(images), pass, pooling: pooling, scratchBytes: settings.options.scratchBytes)
        return (pass, LoweringTable.makePass(problem, settings.options.lowering))
      }
      return Directions(passes: Dictionary(uniqueKeysWithValues: passes))
    }
  }

  /// Returns the passes for a block of images.
  ///
  /// - Precondition: the settings allow a run with a block of this size.
  func forImages(_ images: Int) -> Directions {
    guard let found = directions[images - 1] else { preconditionFailure("no passes for \(images) images") }
    return found
  }

  /// The largest scratch of any pass, in scalars, per worker.
  var workerScratchFloats: Int {
    directions.compactMap { $0?.passes.values.map(\.scratchFloats).max() }.max() ?? 0
  }

  /// The largest shared scratch of some passes, in scalars.
  func sharedFloats(of passes: [ConvolutionProblem.Pass]) -> Int {
    directions.compactMap { $0 }.flatMap { direction in
      passes.compactMap { direction.passes[$0]?.sharedFloats }
    }
    .max() ?? 0
  }

  /// Whether a pass was planned.
  func plans(_ pass: ConvolutionProblem.Pass) -> Bool { forImages(imagesPerBlock).find(pass) != nil }

  /// The lowering of a pass over a full block.
  func lowering(of pass: ConvolutionProblem.Pass) -> Lowering { forImages(imagesPerBlock)[pass].lowering }

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
