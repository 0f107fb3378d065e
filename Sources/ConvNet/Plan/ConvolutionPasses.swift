import Im2col

/// The passes of one convolution layer for every number of images that a run can ask for.
///
/// A run goes through its images in groups, so small that a group's columns and products stay in a core's
/// second-level cache (a micro-batch), or as large as memory allows (a whole batch, whose passes share their work
/// between workers).
///
///     run      [ image image image | image image image | image image ]
///                group of 3           group of 3          what is left
struct ConvolutionPasses: Sendable {
  /// The three directions for one number of images; the gradients only where the op trains.
  struct Directions: Sendable {
    let forward: any ConvolutionPass
    let kernelGradient: (any ConvolutionPass)?
    let inputGradient: (any ConvolutionPass)?

    var all: [any ConvolutionPass] { [forward] + [kernelGradient, inputGradient].compactMap { $0 } }
  }

  let geometry: ConvolutionGeometry
  /// How outputs and their gradients lie.
  let layout: PixelLayout
  /// Images of a full group.
  let group: Int
  /// By number of images, less one; nil for numbers that no run has.
  private let directions: [Directions?]

  init(_ geometry: ConvolutionGeometry, _ settings: OpSettings, layout: PixelLayout) {
    (self.geometry, self.layout) = (geometry, layout)
    let group = GroupRule.images(of: geometry, settings.images)
    self.group = group
    let counts: Set<Int> =
      switch settings.images {
      case .upTo: Set(1...group)
      case .exactly(let images): [group, images % group]
      }
    let pass = settings.options.settings(layout)
    directions = (1...group).map { images in
      guard counts.contains(images) else { return nil }
      let batch = geometry.withBatch(images)
      return Directions(
        forward: ConvolutionPlan.forward(batch, pass),
        kernelGradient: settings.trains ? ConvolutionPlan.kernelGradient(batch, pass) : nil,
        inputGradient: settings.trains && settings.needsInputGradient
          ? ConvolutionPlan.inputGradient(batch, pass) : nil)
    }
  }

  /// - Precondition: the settings allow a run that ends in a group of so many images.
  func forImages(_ images: Int) -> Directions {
    guard let found = directions[images - 1] else { preconditionFailure("no passes for \(images) images") }
    return found
  }

  /// Scratch and shared scalars that any pass needs.
  var scratchFloats: Int { largest { $0.scratchFloats } }
  var sharedFloats: Int { largest { $0.sharedFloats } }
  var lowering: LoweringName { forImages(group).forward.loweringName }

  private func largest(_ size: (any ConvolutionPass) -> Int) -> Int {
    directions.compactMap { $0 }.flatMap(\.all).map(size).max() ?? 0
  }

  /// Calls `body` with groups of images that cover `0..<images`.
  func forEachGroup(of images: Int, _ body: (_ range: Range<Int>, _ passes: Directions) -> Void) {
    var start = 0
    while start < images {
      let end = min(start + group, images)
      body(start..<end, forImages(end - start))
      start = end
    }
  }
}

/// How many images go through a convolution at a time.
private enum GroupRule {
  /// Columns and raw product of a micro-batch's group: half of a core's second-level cache today.
  static let bytesInMicroBatch = 288 * 1024
  /// Raw product of a batch's group.
  static let bytesInBatch = 64 * 1024 * 1024

  static func images(of geometry: ConvolutionGeometry, _ images: OpSettings.Images) -> Int {
    let product = geometry.outputCount * MemoryLayout<Float>.stride
    switch images {
    case .upTo(let most):
      let columns = geometry.pixels * geometry.patchLength * geometry.groups * MemoryLayout<Float>.stride
      let patchLength = geometry.outputCount * geometry.patchLength
      // Larger products leave OpenBLAS' path for small ones, which is the faster one for few channels.
      return max(1, min(most, bytesInMicroBatch / (product + columns), TileRule.smallProduct / patchLength))
    case .exactly(let most):
      return max(1, min(most, bytesInBatch / product))
    }
  }
}
