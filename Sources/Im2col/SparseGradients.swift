import CKernels

/// The gradient that comes back through a max pooling is sparse: it reaches one pixel of each window, and
/// none where it is zero. These passes visit only those pixels, without unpooling.
///
///     pooled gradient g, place of its maximum --> pixel (y, x) of the output, patch of the image at (y, x)
///     kernel gradient of o     += g * patch
///     input gradient at (y, x) += g * kernel of o
///
/// The image is copied, or its gradient summed, in bands of padded rows.
private struct SparseRule {
  /// Scalars of a first-level cache of 32 KiB.
  static let cacheFloats = 8_192
  /// Channels of a band that a block of registers reads: four vectors of 8, and their cache lines.
  static let blockChannels = 40
  /// Multiplications that amortize starting another unit: about 20 us.
  static let unitMultiplications = 1 << 20
  /// Scalars of the kernel that a unit transposes: 256 KiB, again about 20 us.
  static let transposedFloats = 1 << 16
  /// Output channels are listed and transposed in vectors of this number.
  static let lanes = 8

  let geometry: ConvolutionGeometry
  let pooling: WindowGeometry

  init?(_ problem: ConvolutionProblem) {
    guard let pooling = problem.pooling, problem.geometry.groups == 1,
      problem.geometry.window.width.dilation == 1, pooling.hasUnitDilation, pooling.taps <= 256
    else { return nil }
    (geometry, self.pooling) = (problem.geometry, pooling)
  }

  /// Returns the arguments of the C kernels for `images` images.
  func kernelArgument(images: Int, bandRows: Int = 1) -> ckernels_sparse {
    ckernels_sparse(
      window: geometry.kernelWindow,
      pooling: pooling.kernelPooling(images: images, channels: geometry.outputChannels),
      gradient: nil, places: nil, band_rows: Int64(bandRows))
  }

  /// Returns the same, with the pooled gradient from image `first` on.
  func kernelArgument(images: Range<Int>, bandRows: Int, _ operands: PassOperands) -> ckernels_sparse {
    var argument = kernelArgument(images: images.count, bandRows: bandRows)
    argument.gradient = operands.pooledGradient + images.lowerBound * pooledFloats
    argument.places = operands.places + images.lowerBound * pooledFloats
    return argument
  }

  /// Scalars of the pooled gradient of an image.
  var pooledFloats: Int { pooling.height.output * pooling.width.output * geometry.outputChannels }
  /// Scalars of an image.
  var inputFloats: Int { geometry.window.height.input * geometry.window.width.input * geometry.inputChannels }
  /// Scalars of a patch, its runs in whole vectors.
  var patch: Int {
    var argument = kernelArgument(images: 1)
    return Int(ckernels_sparse_patch(&argument))
  }

  /// Scratch of the input gradient.
  func scratchFloats(bandRows: Int) -> Int {
    var argument = kernelArgument(images: 1, bandRows: bandRows)
    return Int(ckernels_sparse_input_scratch(&argument))
  }

  /// Scratch of the kernel gradient of some output channels.
  func scratchFloats(bandRows: Int, channels: Int) -> Int {
    var argument = kernelArgument(images: 1, bandRows: bandRows)
    return Int(ckernels_sparse_kernel_scratch(&argument, Int64(channels)))
  }

  /// Returns the most pooled rows whose scratch is within the budget, and of whose band a block of channels
  /// stays in the first-level cache beside the listed units; at least 1.
  func bandRows(budget: Int, scratch: (Int) -> Int) -> Int {
    let channels = geometry.inputChannels
    let read = Double(min(channels, Self.blockChannels)) / Double(channels)
    return (1...pooling.height.output).last { rows in
      let band = Double(scratchFloats(bandRows: rows)) * read
      let listed = rows * pooling.width.output * 2 * Self.lanes
      return scratch(rows) <= budget && band + Double(listed) <= Double(Self.cacheFloats)
    } ?? 1
  }

  /// Vectors of output channels; the last one may be partial.
  var vectors: Int { (geometry.outputChannels + Self.lanes - 1) / Self.lanes }

  /// Returns the output channels of some vectors.
  func channels(_ vectors: Range<Int>) -> Range<Int> {
    vectors.lowerBound * Self.lanes..<min(vectors.upperBound * Self.lanes, geometry.outputChannels)
  }

  /// Multiplications of an image if every unit is alive.
  var multiplications: Int { pooledFloats * patch }

  /// The number of units that occupy all workers, fewer for little work.
  func wantedUnits(images: Int) -> Int {
    min(TileRule.wantedUnits, images * multiplications / Self.unitMultiplications + 1)
  }
}

/// What the passes support and cost.
enum SparseGradients {
  /// One group, no dilation of columns, and a band of one pooled row with the sums of 8 channels in scratch.
  @Sendable static func supportsKernelGradient(_ problem: ConvolutionProblem) -> Bool {
    guard let rule = SparseRule(problem) else { return false }
    return rule.scratchFloats(bandRows: 1, channels: SparseRule.lanes) <= problem.scratchFloats
  }

  /// One group, no dilation of columns, and a band of one pooled row in scratch.
  @Sendable static func supportsInputGradient(_ problem: ConvolutionProblem) -> Bool {
    guard let rule = SparseRule(problem) else { return false }
    return rule.scratchFloats(bandRows: 1) <= problem.scratchFloats
  }

  /// The multiplications of all pooled units, as if none were zero; image and kernel that are copied or
  /// transposed; a call for every unit and block of registers.
  @Sendable static func terms(_ problem: ConvolutionProblem) -> CostTerms {
    guard let rule = SparseRule(problem) else { return CostTerms() }
    let geometry = problem.geometry
    let images = Double(geometry.batch)
    let vectors = (geometry.window.width.kernel * geometry.inputChannels + 7) / 8
    let blocks = (geometry.window.height.kernel + 4) / 5 * ((vectors + 4) / 5)
    var moved = images * Double(rule.inputFloats) + Double(geometry.kernelCount)
    if problem.pass == .inputGradient {
      // The sums of every place in a window are added to the band.
      let places = min(rule.pooling.taps, geometry.outputChannels)
      moved +=
        images * Double(rule.pooling.height.output * rule.pooling.width.output * places) * Double(rule.patch)
    }
    return CostTerms(
      multiplications: images * Double(rule.multiplications), moved: moved,
      calls: images * Double(rule.pooledFloats * blocks))
  }
}

/// Kernel gradient from the pooled gradient.
///
/// A unit owns a block of output channels and a part of the images. Large kernels are split only by channels,
/// which needs no partial sums; the parts of small ones are added in order by a second stage.
struct SparseKernelGradient: ConvolutionPass {
  private let rule: SparseRule
  private let vectorBlocks: EvenCut
  private let parts: EvenCut
  private let bandRows: Int
  private let partial: PartialSums

  let stages: [Int]
  let scratchFloats: Int
  var sharedFloats: Int { partial.floats }

  init(_ problem: ConvolutionProblem) {
    guard let rule = SparseRule(problem) else { preconditionFailure("there is no pooling") }
    let geometry = problem.geometry
    let images = max(1, geometry.batch)
    let wanted = rule.wantedUnits(images: images)
    let wantedParts = geometry.kernelCount <= TileRule.smallKernel ? min(wanted, images) : 1
    let parts = EvenCut(images, atMost: (images + wantedParts - 1) / wantedParts)
    let wantedBlocks = (wanted + parts.count - 1) / parts.count
    // Whole vectors of channels, as many as the scratch has room for.
    var vectors = (rule.vectors + wantedBlocks - 1) / wantedBlocks
    while vectors > 1,
      rule.scratchFloats(bandRows: 1, channels: vectors * SparseRule.lanes) > problem.scratchFloats
    {
      vectors -= 1
    }
    self.rule = rule
    self.parts = parts
    vectorBlocks = EvenCut(rule.vectors, atMost: vectors)
    let channels = vectorBlocks.size * SparseRule.lanes
    bandRows = rule.bandRows(budget: problem.scratchFloats) {
      rule.scratchFloats(bandRows: $0, channels: channels)
    }
    partial = PartialSums(count: geometry.kernelCount, parts: parts.count)
    stages = [vectorBlocks.count * parts.count] + partial.stages
    scratchFloats = rule.scratchFloats(bandRows: bandRows, channels: channels)
  }

  func run(stage: Int, unit: Int, _ operands: PassOperands, scratch: UnsafeMutablePointer<Float>) {
    guard stage == 0 else { return partial.add(unit: unit, operands) }
    let (block, part) = unit.quotientAndRemainder(dividingBy: parts.count)
    let channels = rule.channels(vectorBlocks[block])
    let images = parts[part].clamped(to: 0..<rule.geometry.batch)
    var job = ckernels_sparse_kernel_gradient_job(
      sparse: rule.kernelArgument(images: images, bandRows: bandRows, operands),
      input: operands.input + images.lowerBound * rule.inputFloats,
      first_channel: Int64(channels.lowerBound), channel_count: Int64(channels.count),
      kernel_gradient: partial.target(of: part, operands), accumulate: partial.accumulates(operands) ? 1 : 0,
      scratch: scratch)
    ckernels_sparse_kernel_gradient(&job)
  }
}

/// Input gradient from the pooled gradient.
///
/// A first stage transposes the kernel to one patch for every output channel. A unit then owns some rows of
/// an image; units of one image visit the windows that reach into both.
struct SparseInputGradient: ConvolutionPass {
  private let rule: SparseRule
  private let vectorBlocks: EvenCut
  private let rows: EvenCut
  private let bandRows: Int
  private let patch: Int

  let stages: [Int]
  let scratchFloats: Int
  let sharedFloats: Int

  init(_ problem: ConvolutionProblem) {
    guard let rule = SparseRule(problem) else { preconditionFailure("there is no pooling") }
    let geometry = problem.geometry
    let images = max(1, geometry.batch)
    // A part has at least twice the rows of the windows that it shares with its neighbors.
    let height = geometry.window.height
    let shared = height.extent + (rule.pooling.height.extent - 1) * height.stride
    let wantedParts = rule.wantedUnits(images: images) / images
    let partRows = max(2 * shared, (height.input + max(wantedParts, 1) - 1) / max(wantedParts, 1))
    self.rule = rule
    patch = rule.patch
    rows = EvenCut(height.input, atMost: partRows)
    vectorBlocks = EvenCut(
      rule.vectors, atMost: SparseRule.transposedFloats / (patch * SparseRule.lanes))
    bandRows = rule.bandRows(budget: problem.scratchFloats) { rule.scratchFloats(bandRows: $0) }
    stages = [vectorBlocks.count, geometry.batch * rows.count]
    scratchFloats = rule.scratchFloats(bandRows: bandRows)
    sharedFloats = geometry.outputChannels * patch
  }

  func run(stage: Int, unit: Int, _ operands: PassOperands, scratch: UnsafeMutablePointer<Float>) {
    if stage == 0 {
      var argument = rule.kernelArgument(images: 0..<rule.geometry.batch, bandRows: bandRows, operands)
      let channels = rule.channels(vectorBlocks[unit])
      return ckernels_sparse_transpose_kernel(
        &argument, operands.kernel, Int64(channels.lowerBound), Int64(channels.count), operands.shared)
    }
    let (image, part) = unit.quotientAndRemainder(dividingBy: rows.count)
    var job = ckernels_sparse_input_gradient_job(
      sparse: rule.kernelArgument(images: 0..<rule.geometry.batch, bandRows: bandRows, operands),
      patches: operands.shared, image: Int64(image), first_row: Int64(rows[part].lowerBound),
      end_row: Int64(rows[part].upperBound), input_gradient: operands.result, scratch: scratch)
    ckernels_sparse_input_gradient(&job)
  }
}
