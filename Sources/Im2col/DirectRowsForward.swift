import CKernels

/// Forward pass of one input channel and few output channels without a column matrix: vector lanes are the columns
/// of an output row, and one tap contributes to all of them at once.
///
///     input --rows, padded--> sums of taps, 16 columns by 6 channels --> [channels x pixels]
///           --2x2 max pooling, if any--> --transposed--> [pixels x channels] --bias, activation--> output
///
/// A unit is a band of rows of one output image. Bands are computed as planes of channels in scratch.
struct DirectRowsForward: ConvolutionPass {
  private let geometry: ConvolutionGeometry
  private let pooling: WindowGeometry?
  private let window: ckernels_window
  /// Rows of one output image, after the pooling.
  private let bands: EvenCut

  let stages: [Int]
  let scratchFloats: Int
  let sharedFloats = 0

  /// Scalars of the planes of a unit, which stay in the first two cache levels.
  private static let planeScalars = 40_000

  init(_ problem: ConvolutionProblem) {
    (geometry, pooling, window) = (problem.geometry, problem.pooling, problem.geometry.kernelWindow)
    let height = pooling?.height.output ?? geometry.window.height.output
    let budget = min(Self.planeScalars, problem.scratchFloats)
    let rowsInScratch = (1...max(1, height)).last { Self.scratchFloats(problem, rows: $0) <= budget }
    bands = EvenCut(height, atMost: rowsInScratch ?? 1)
    stages = [geometry.batch * bands.count]
    scratchFloats = Self.scratchFloats(problem, rows: bands.size)
  }

  /// Scalars of the planes of a band; with pooling, of twice as many rows, and then of the maxima and their
  /// places.
  private static func scratchFloats(_ problem: ConvolutionProblem, rows: Int) -> Int {
    let geometry = problem.geometry
    guard let pooling = problem.pooling else { return planeFloats(geometry, rows: rows) }
    return planeFloats(geometry, rows: 2 * rows)
      + 2 * geometry.outputChannels * (rows * pooling.width.output + Int(ckernels_plane_slack))
  }

  private static func planeFloats(_ geometry: ConvolutionGeometry, rows: Int) -> Int {
    rows * geometry.window.width.output * geometry.outputChannels + Int(ckernels_plane_slack)
  }

  func run(stage: Int, unit: Int, _ operands: PassOperands, scratch: UnsafeMutablePointer<Float>) {
    let (image, band) = unit.quotientAndRemainder(dividingBy: bands.count)
    let (channels, width) = (geometry.outputChannels, geometry.window.width.output)
    let outputWidth = pooling?.width.output ?? width, outputPixels = bands[band].count * outputWidth
    let rows = pooling == nil ? bands[band] : 2 * bands[band].lowerBound..<2 * bands[band].upperBound
    let firstRow = image * geometry.window.height.output + rows.lowerBound
    let planeStride = Int64(rows.count * width)
    withUnsafePointer(to: window) { window in
      var job = ckernels_direct_rows_forward_job(
        window: window, input: operands.input, kernel: operands.kernel, channels: Int64(channels),
        first_row: Int64(firstRow), end_row: Int64(firstRow + rows.count), planes: scratch,
        plane_stride: planeStride)
      ckernels_direct_rows_forward(&job)
    }
    let first = (image * bands.total + bands[band].lowerBound) * outputWidth * channels
    let output = operands.result + first
    if pooling == nil {
      ckernels_transpose(scratch, Int64(channels), planeStride, planeStride, output, Int64(channels))
    } else {
      var planes = ckernels_plane_pooling(
        planes: scratch, plane_stride: planeStride, channels: Int64(channels), rows: Int64(rows.count),
        width: Int64(width), output: output, places: operands.epilogue.places.map { $0 + first },
        scratch: scratch + Self.planeFloats(geometry, rows: rows.count))
      ckernels_pool_planes(&planes)
    }
    operands.epilogue.finish(output, rows: outputPixels, channels: 0..<channels, stride: channels)
  }
}

extension DirectRowsForward {
  /// Whether there is one input channel at stride 1 without dilation, with rows that fit the padded copy of
  /// the kernel and the scratch.
  @Sendable static func supports(_ problem: ConvolutionProblem) -> Bool {
    let geometry = problem.geometry, (height, width) = (geometry.window.height, geometry.window.width)
    return geometry.inputChannels == 1 && geometry.window.hasUnitStride && geometry.window.hasUnitDilation
      && height.kernel * (width.output + width.kernel - 1) <= Int(ckernels_padded_scalars)
      && planeFloats(geometry, rows: 1) <= problem.scratchFloats
  }

  /// Whether the pooling windows are 2x2 at stride 2 inside the image, and a row of them fits the scratch.
  @Sendable static func pools(_ problem: ConvolutionProblem) -> Bool {
    guard let pooling = problem.pooling else { return false }
    return [pooling.height, pooling.width].allSatisfy {
      $0.kernel == 2 && $0.stride == 2 && $0.dilation == 1 && $0.before == 0 && 2 * $0.output <= $0.input
    } && scratchFloats(problem, rows: 1) <= problem.scratchFloats
  }

  /// The multiplications, with output columns rounded up to whole vectors, and the planes.
  @Sendable static func terms(_ problem: ConvolutionProblem) -> CostTerms {
    let geometry = problem.geometry, (height, width) = (geometry.window.height, geometry.window.width)
    let rows = geometry.batch * height.output
    return CostTerms(
      multiplications: Double(rows * LoweringTable.vectors(width.output))
        * Double(geometry.patchLength * geometry.outputChannels),
      moved: Double(geometry.outputCount + rows * height.kernel * width.input), calls: Double(rows))
  }
}
