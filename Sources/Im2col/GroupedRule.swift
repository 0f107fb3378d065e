import CKernels

/// Groups of few channels with as many outputs: a vector of 16 output channels holds whole groups, and groups of
/// one channel are a depthwise convolution.
///
/// A matrix product of such a group would fill a fraction of a vector. The sums are computed directly instead,
/// with channels as vector lanes.
struct GroupedRule: Sendable {
  /// Channels of a vector.
  static let lanes = 16
  /// Scalars of a band: large enough to amortize copying the rows above it, and small enough for the
  /// second-level cache.
  private static let bandScalars = 131_072

  let geometry: ConvolutionGeometry
  /// Output columns whose input rows are in scratch at a time.
  private let columns: Int

  init(_ problem: ConvolutionProblem) {
    geometry = problem.geometry
    let together = Int(ckernels_grouped_together), (geometry, budget) = (geometry, problem.scratchFloats)
    columns =
      stride(from: Int(ckernels_grouped_max_columns), to: together, by: -together).first {
        Self.scratchFloats(geometry, columns: $0) <= budget
      } ?? together
  }

  var scratchFloats: Int { Self.scratchFloats(geometry, columns: columns) }

  private static func scratchFloats(_ geometry: ConvolutionGeometry, columns: Int) -> Int {
    withUnsafePointer(to: geometry.kernelWindow) {
      Int(ckernels_grouped_scratch($0, Int64(geometry.groupInputChannels), Int64(columns)))
    }
  }

  /// Splits the rows of a batch into bands.
  func bands(_ axes: KeyPath<AxisGeometry, Int>) -> EvenCut {
    let rows = geometry.batch * geometry.window.height[keyPath: axes]
    let scalars = geometry.window.width[keyPath: axes] * geometry.inputChannels
    let share = max(1, rows / TileRule.wantedUnits)
    return EvenCut(rows, atMost: min(share, max(1, Self.bandScalars / max(1, scalars))))
  }

  /// Splits the output rows into parts with partial sums of the kernel gradient, each of the multiplications of
  /// a depthwise band or more.
  func parts() -> EvenCut {
    let products = geometry.window.width.output * geometry.outputChannels * geometry.groupInputChannels
    return TileRule.parts(
      total: geometry.batch * geometry.window.height.output, units: 1,
      atLeast: Self.bandScalars / max(1, products) + 1)
  }

  /// Calls `body` with some rows as an argument of the C kernels.
  func withRows(
    _ rows: Range<Int>, _ input: UnsafePointer<Float>? = nil, _ scratch: UnsafeMutablePointer<Float>? = nil,
    _ body: (UnsafePointer<ckernels_grouped_rows>) -> Void
  ) {
    withUnsafePointer(to: geometry.kernelWindow) { window in
      var rows = ckernels_grouped_rows(
        window: window, group_channels: Int64(geometry.groupInputChannels), first_row: Int64(rows.lowerBound),
        end_row: Int64(rows.upperBound), input: input, columns: Int64(columns), scratch: scratch)
      body(&rows)
    }
  }
}

extension GroupedRule {
  /// Whether groups have as many outputs as inputs, and vectors hold whole groups.
  static func supportsInputGradient(_ problem: ConvolutionProblem, sizes: [Int]) -> Bool {
    let geometry = problem.geometry, size = geometry.groupInputChannels
    return size == geometry.groupOutputChannels && sizes.contains(size)
      && (geometry.isDepthwise || geometry.outputChannels % lanes == 0)
  }

  /// The same, and the input rows of eight outputs fit the scratch.
  static func supports(_ problem: ConvolutionProblem, sizes: [Int]) -> Bool {
    supportsInputGradient(problem, sizes: sizes)
      && scratchFloats(problem.geometry, columns: Int(ckernels_grouped_together)) <= problem.scratchFloats
  }

  /// The multiplications, with channels rounded up to whole vectors, the input and the output, and the output
  /// rows of each vector.
  @Sendable static func terms(_ problem: ConvolutionProblem) -> CostTerms {
    let geometry = problem.geometry, channels = Double(LoweringTable.vectors(geometry.outputChannels))
    return CostTerms(
      multiplications: Double(geometry.pixels * geometry.patchLength) * channels,
      moved: Double(geometry.inputCount + geometry.outputCount),
      calls: Double(geometry.batch * geometry.window.height.output) * channels / Double(lanes))
  }
}
