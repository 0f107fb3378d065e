import CKernels

/// Forward pass of a single input channel with 2x2 max pooling at stride 2: bands of whole windows are
/// computed as planes of channels in scratch, pooled there, and transposed into the output.
///
///     input --rows, padded--> sums of taps [channels x 2 rows] --maxima of 2x2--> [channels x pixels]
///           --transposed--> [pixels x channels], places --bias, activation--> output
///
/// A unit is a band of pooled rows of one image.
struct DirectRowsPooledForward: ConvolutionPass {
  private let geometry: ConvolutionGeometry
  private let pooling: WindowGeometry
  private let window: ckernels_window
  /// Pooled rows of one image.
  private let bands: EvenCut

  let stages: [Int]
  let scratchFloats: Int
  let sharedFloats = 0

  init(_ problem: ConvolutionProblem) {
    guard let pooling = problem.pooling, DirectRowsPooledForward.supports(problem) else {
      preconditionFailure("the pooling is not 2x2 at stride 2, or a band exceeds the scratch")
    }
    (geometry, self.pooling, window) = (problem.geometry, pooling, problem.geometry.kernelWindow)
    let (geometry, budget) = (geometry, DirectRowsRule.scratch(problem))
    let rowsInScratch = (1...pooling.height.output).last {
      DirectRowsPooledForward.scratchFloats(geometry, pooling, rows: $0) <= budget
    }
    bands = EvenCut(pooling.height.output, atMost: rowsInScratch ?? 1)
    stages = [geometry.batch * bands.count]
    scratchFloats = DirectRowsPooledForward.scratchFloats(geometry, pooling, rows: bands.size)
  }

  /// Whether the windows are 2x2 at stride 2 inside the image, and a row of them fits the scratch.
  @Sendable static func supports(_ problem: ConvolutionProblem) -> Bool {
    guard let pooling = problem.pooling else { return false }
    return [pooling.height, pooling.width].allSatisfy {
      $0.kernel == 2 && $0.stride == 2 && $0.dilation == 1 && $0.before == 0 && 2 * $0.output <= $0.input
    } && scratchFloats(problem.geometry, pooling, rows: 1) <= problem.scratchFloats
  }

  /// The planes of a band, then the maxima and their places.
  private static func scratchFloats(
    _ geometry: ConvolutionGeometry, _ pooling: WindowGeometry, rows: Int
  ) -> Int {
    let slack = Int(ckernels_plane_slack)
    return planeFloats(geometry, rows: rows)
      + 2 * geometry.outputChannels * (rows * pooling.width.output + slack)
  }

  private static func planeFloats(_ geometry: ConvolutionGeometry, rows: Int) -> Int {
    2 * rows * geometry.window.width.output * geometry.outputChannels + Int(ckernels_plane_slack)
  }

  func run(stage: Int, unit: Int, _ operands: PassOperands, scratch: UnsafeMutablePointer<Float>) {
    let (image, band) = unit.quotientAndRemainder(dividingBy: bands.count)
    let (rows, channels) = (bands[band], geometry.outputChannels)
    let (width, pooledWidth) = (geometry.window.width.output, pooling.width.output)
    let firstRow = image * geometry.window.height.output + 2 * rows.lowerBound
    let planeStride = 2 * rows.count * width
    withUnsafePointer(to: window) { window in
      var job = ckernels_direct_rows_forward_job(
        window: window, input: operands.input,
        kernel: operands.kernel, channels: Int64(channels), first_row: Int64(firstRow),
        end_row: Int64(firstRow + 2 * rows.count), planes: scratch, plane_stride: Int64(planeStride))
      ckernels_direct_rows_forward(&job)
    }
    let first = (image * pooling.height.output + rows.lowerBound) * pooledWidth * channels
    let output = operands.result + first
    var planes = ckernels_plane_pooling(
      planes: scratch, plane_stride: Int64(planeStride), channels: Int64(channels),
      rows: Int64(2 * rows.count), width: Int64(width), output: output,
      places: operands.epilogue.places.map { $0 + first },
      scratch: scratch + DirectRowsPooledForward.planeFloats(geometry, rows: rows.count))
    ckernels_pool_planes(&planes)
    operands.epilogue.finish(
      output, rows: rows.count * pooledWidth, channels: 0..<channels, stride: channels)
  }
}
