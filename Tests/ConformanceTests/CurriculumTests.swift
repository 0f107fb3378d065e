import ConvNet
import Im2col
import Im2colReference
import Testing

/// The main files of the course, with its functions. Expected values are float64 results stored as float32.
@Suite(.enabled(if: Curriculum.isAvailable, "set CURRICULUM_DIR to the folder of curriculum.safetensors"))
struct CurriculumTests {
  @Test("task 0: convolution forward with ReLU")
  func convForward() throws {
    let operands = try Self.convolution()
    let actual = try ConvNet.convForward(
      operands.x, operands.kernel, operands.bias, { max($0, 0) }, padding: .valid)
    let linear = LoopNestConvolution.forward(
      input: DoubleTensor(operands.x), kernel: DoubleTensor(operands.kernel),
      bias: DoubleTensor(operands.bias), operands.geometry)
    let expected = try Curriculum.tensor("convolution/relu")
    #expect(
      firstMismatch(actual, DoubleTensor(expected), tolerance: linear.bounds(storedAs: expected)) == nil)
  }

  @Test("task 2: convolution backward", arguments: [Lowering.automatic, .im2col])
  func convBackward(lowering: Lowering) throws {
    let operands = try Self.convolution()
    let dZ = try Curriculum.tensor("convolution/dz")
    let (dAPrev, dW, db) = try ConvNet.convBackward(
      dZ, operands.x, operands.kernel, operands.bias, padding: .valid,
      options: ComputeOptions(lowering: lowering))
    let geometry = operands.geometry
    for (actual, name, sums) in [
      (
        dAPrev, "dx",
        LoopNestConvolution.inputGradient(
          of: DoubleTensor(dZ), kernel: DoubleTensor(operands.kernel), geometry)
      ),
      (
        dW, "dkernel",
        LoopNestConvolution.kernelGradient(of: DoubleTensor(dZ), input: DoubleTensor(operands.x), geometry)
      ),
      (db, "dbias", LoopNestConvolution.biasGradient(of: DoubleTensor(dZ))),
    ] {
      let expected = try Curriculum.tensor("convolution/\(name)")
      // The course generates kernel and gradient in float64. The file contains them rounded, so each term has
      // at most two roundings.
      let bounds = zip(sums.magnitudes.scalars, sums.bounds).map { 2 * ErrorBound.unit * $0 + $1 }
      #expect(actual.shape == expected.shape)
      #expect(firstMismatch(actual, expected, tolerance: .each(bounds)) == nil, "\(name)")
    }
    // The values printed by the course.
    #expect(abs(db.scalars[0] + 113.18404846) < 1e-3 && abs(db.scalars[1] + 121.902714) < 1e-3)
    #expect(abs(dW.scalars[0] - 10.13352674) < 1e-4 && abs(dW.scalars[1] + 25.15674655) < 1e-4)
    #expect(abs(dAPrev.scalars[0] + 4.24205748) < 1e-5)
  }

  @Test("task 1: pooling forward")
  func poolForward() throws {
    let x = try Curriculum.tensor("pooling/x")
    #expect(
      firstMismatch(try ConvNet.poolForward(x, 2, stride: 2), try Curriculum.tensor("pooling/max_2x2_s2"))
        == nil)
    #expect(
      firstMismatch(
        try ConvNet.poolForward(x, 2, stride: 2, mode: .average),
        try Curriculum.tensor("pooling/average_2x2_s2"), tolerance: .absolute(4 * ErrorBound.unit)) == nil)
  }

  @Test("task 3: pooling backward, with every tie rule, separate and overlapping windows", arguments: [3, 2])
  func poolBackward(stride: Int) throws {
    let x = try Curriculum.tensor("pooling/x")
    let dA = try Curriculum.tensor("pooling/dy_3x3_s\(stride)")
    let step = Size2D(height: stride, width: stride)
    let largest = Double(dA.scalars.map(abs).max() ?? 0)
    // A pixel is covered by up to four windows.
    let tolerance = Tolerance.absolute(8 * ErrorBound.unit * 4 * largest)
    func expected(_ rule: String) throws -> Tensor {
      try Curriculum.tensor("pooling/dx_3x3_s\(stride)_\(rule)")
    }
    let all = try ConvNet.poolBackward(dA, x, 3, stride: step)
    #expect(firstMismatch(all, try expected("all"), tolerance: tolerance) == nil)
    #expect(
      firstMismatch(
        try ConvNet.poolBackward(dA, x, 3, stride: step, mode: .average), try expected("average"),
        tolerance: tolerance) == nil)
    #expect(
      firstMismatch(
        try poolingGradient(of: dA, input: x, .max, window: 3, stride: step, ties: .first),
        try expected("first"), tolerance: tolerance) == nil)
    if stride == 3 {
      // The values printed by the course.
      #expect(abs(all.scalars.reduce(0.0) { $0 + Double($1) } + 159.48770943) < 1e-2)
    }
  }

  private static func convolution() throws -> (
    x: Tensor, kernel: Tensor, bias: Tensor, geometry: ConvolutionGeometry
  ) {
    let (x, kernel) = (try Curriculum.tensor("convolution/x"), try Curriculum.tensor("convolution/kernel"))
    let geometry = try ConvolutionGeometry(input: x.shape, kernel: kernel.shape, padding: .valid)
    return (x, kernel, try Curriculum.tensor("convolution/bias"), geometry)
  }
}
