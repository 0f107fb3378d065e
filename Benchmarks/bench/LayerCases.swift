import Im2col
import Im2colReference

/// The two cases of a layer.
///
///     forward    NHWC and HWIO --> NHWC, with bias, storage reused
///     backward   gradients of kernel, bias and (unless the layer is the first of a network) input
///
/// FLOPs are those of the direct sum: `2 * pixels * patchLength * outputChannels` for each product.
struct LayerCases {
  let shape: LayerShape
  let geometry: ConvolutionGeometry
  let lowering: LoweringOptions
  var rectified = false

  var forwardName: String { "layer/\(shape.name)/forward" }
  var backwardName: String { "layer/\(shape.name)/backward" }

  /// Returns the case with that name; its tensors are allocated when it is measured.
  func deferredCase(named name: String) -> BenchCase? {
    guard name == forwardName || name == backwardName else { return nil }
    return BenchCase(name: name) { pool in
      guard let item = cases().first(where: { $0.name == name }) else {
        preconditionFailure("\(name) is one of a layer's cases")
      }
      return try item.plan(pool)
    }
  }

  /// Both cases, on the same tensors. A method, so that only one layer's memory is allocated at a time.
  func cases() -> [BenchCase] {
    let tensors = LayerTensors(geometry, rectified: rectified)
    let configuration: [JSONField] = [
      JSONField("lowering_option", .text(lowering.lowering.rawValue)),
      JSONField("scratch_option", .integer(lowering.scratch)),
      JSONField("layer", .object(shape.json)),
    ]
    let checks = LayerChecks(tensors)
    return [
      BenchCase(name: forwardName, configuration: configuration) { pool in
        forward(Convolution(geometry, options: lowering.computeOptions(pool.workers)), tensors, checks)
      },
      BenchCase(name: backwardName, configuration: configuration) { pool in
        backward(Convolution(geometry, options: lowering.computeOptions(pool.workers)), tensors, checks)
      },
    ]
  }

  private func forward(_ layer: Convolution, _ tensors: LayerTensors, _ checks: LayerChecks) -> CasePlan {
    let run = {
      try layer.forward(tensors.input, kernel: tensors.kernel, bias: tensors.bias, into: &tensors.output)
    }
    let pass = layer.forwardPass
    return CasePlan(
      firstMismatch: { injected in
        try run()
        injected?.corrupt(&tensors.output, of: forwardName)
        return checks.output(layer).firstMismatch(tensors.output, "the output")
      },
      run: run, flops: geometry.forwardFLOPs,
      productFLOPs: geometry.forwardFLOPs * pass.multiplicationRatio,
      memoryBytes: bytes(geometry.inputCount, geometry.kernelCount, geometry.outputCount),
      lowering: pass.lowering.rawValue, scratchBytes: bytes(pass.scratchFloats),
      preparedBytes: bytes(pass.sharedFloats))
  }

  private func backward(_ layer: Convolution, _ tensors: LayerTensors, _ checks: LayerChecks) -> CasePlan {
    let run = {
      try layer.kernelGradient(
        of: tensors.outputGradient, input: tensors.input, into: &tensors.kernelGradient)
      try layer.biasGradient(of: tensors.outputGradient, into: &tensors.biasGradient)
      if !shape.first {
        try layer.inputGradient(
          of: tensors.outputGradient, kernel: tensors.kernel, into: &tensors.inputGradient)
      }
    }
    let passes = [layer.kernelGradientPass] + (shape.first ? [] : [layer.inputGradientPass])
    // The row names the input gradient's lowering, or the kernel gradient's for a first layer, which has no
    // input gradient.
    let main = shape.first ? layer.kernelGradientPass : layer.inputGradientPass
    let operands = bytes(geometry.inputCount, geometry.outputCount, geometry.kernelCount)
    return CasePlan(
      firstMismatch: { injected in
        try run()
        injected?.corrupt(&tensors.kernelGradient, of: backwardName)
        return checks.biasGradient(layer).firstMismatch(tensors.biasGradient, "the bias gradient")
          ?? checks.kernelGradient(layer).firstMismatch(tensors.kernelGradient, "the kernel gradient")
          ?? (shape.first
            ? nil
            : checks.inputGradient(layer).firstMismatch(tensors.inputGradient, "the input gradient"))
      },
      run: run, flops: geometry.forwardFLOPs * Double(passes.count),
      productFLOPs: passes.map { geometry.forwardFLOPs * $0.multiplicationRatio }
        .reduce(0, +),
      memoryBytes: operands * Double(passes.count), lowering: main.lowering.rawValue,
      kernelGradientLowering: layer.kernelGradientPass.lowering.rawValue,
      scratchBytes: passes.map { bytes($0.scratchFloats) }.max(),
      preparedBytes: (passes.map(\.sharedFloats) + [BiasGradient(geometry).sharedFloats]).map { bytes($0) }
        .max())
  }

  private func bytes(_ floats: Int) -> Int { floats * MemoryLayout<Float>.stride }

  private func bytes(_ floats: Int...) -> Double {
    floats.reduce(0) { $0 + Double($1) } * Double(MemoryLayout<Float>.stride)
  }
}

/// The reference results of a layer, each computed on first use.
///
/// The lowering does not depend on the number of workers, so one reference result serves all of them.
final class LayerChecks {
  private let geometry: ConvolutionGeometry
  private let reference: PointReference
  private var made: [String: PointCheck] = [:]

  init(_ tensors: LayerTensors) { (geometry, reference) = (tensors.geometry, tensors.reference) }

  func output(_ layer: Convolution) -> PointCheck {
    check("output") {
      PointCheck(
        shape: geometry.outputShape, lowering: layer.forwardPass.lowering, workers: layer.options.workers
      ) {
        [self.reference.output(at: $0)]
      } tileMagnitude: {
        self.reference.outputTileMagnitude(at: $0, side: $1)
      }
    }
  }

  func inputGradient(_ layer: Convolution) -> PointCheck {
    check("inputGradient") {
      PointCheck(
        shape: geometry.inputShape, lowering: layer.inputGradientPass.lowering,
        workers: layer.options.workers
      ) {
        [self.reference.inputGradient(at: $0)]
      } tileMagnitude: {
        self.reference.inputGradientTileMagnitude(at: $0, side: $1)
      }
    }
  }

  func kernelGradient(_ layer: Convolution) -> PointCheck {
    // The largest divisor, up to 16, of the output channels of a group.
    let run = (1...16).last { geometry.groupOutputChannels.isMultiple(of: $0) } ?? 1
    return check("kernelGradient") {
      PointCheck(
        shape: geometry.kernelShape, run: run, lowering: layer.kernelGradientPass.lowering,
        workers: layer.options.workers
      ) {
        self.reference.kernelGradient(at: $0, count: run)
      } tileMagnitude: { index, _ in
        self.reference.kernelGradientTileMagnitude(at: index)
      }
    }
  }

  func biasGradient(_ layer: Convolution) -> PointCheck {
    check("biasGradient") {
      // `.gemm` selects the error bound of a plain sum.
      PointCheck(shape: [geometry.outputChannels], lowering: .gemm, workers: layer.options.workers) {
        [self.reference.biasGradient(at: $0)]
      } tileMagnitude: { _, _ in
        0
      }
    }
  }

  private func check(_ name: String, _ make: () -> PointCheck) -> PointCheck {
    if let known = made[name] { return known }
    let check = make()
    made[name] = check
    return check
  }
}
