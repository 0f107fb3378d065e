import Im2col
import Im2colReference
import Testing

/// The operands of one guarded run.
enum GuardedOperands {
  case forward(input: DoubleTensor, kernel: DoubleTensor, bias: DoubleTensor? = nil)
  case inputGradient(outputGradient: DoubleTensor, kernel: DoubleTensor)
  case kernelGradient(input: DoubleTensor, outputGradient: DoubleTensor, accumulates: Bool = false)
}

/// Runs one pass on the calling thread, in memory with guard values after every end.
///
/// - Parameters:
///   - count: scalars of the result.
///   - fill: what the result holds before the run.
func runWithGuards(
  _ pass: any ConvolutionPass, _ operands: GuardedOperands, count: Int, fill: Float = .nan
) throws -> [Double] {
  let guardValue: Float = 12_345
  var result = [Float](repeating: fill, count: count) + [guardValue]
  var shared = [Float](repeating: .nan, count: pass.sharedFloats) + [guardValue]
  var scratch = [Float](repeating: .nan, count: pass.scratchFloats) + [guardValue]
  try result.withUnsafeMutableBufferPointer { result in
    try shared.withUnsafeMutableBufferPointer { shared in
      try scratch.withUnsafeMutableBufferPointer { scratch in
        let (result, shared) = (try #require(result.baseAddress), try #require(shared.baseAddress))
        let memory = try #require(scratch.baseAddress)
        switch operands {
        case .forward(let input, let kernel, let bias):
          try withFloats(input, kernel, bias ?? DoubleTensor(zeros: [1])) { input, kernel, biasScalars in
            pass.run(
              .forward(
                input: input, kernel: kernel, output: result, shared: shared,
                bias: bias == nil ? nil : biasScalars), scratch: memory)
          }
        case .inputGradient(let outputGradient, let kernel):
          try withFloats(outputGradient, kernel) { outputGradient, kernel, _ in
            pass.run(
              .inputGradient(
                outputGradient: outputGradient, kernel: kernel, inputGradient: result, shared: shared),
              scratch: memory)
          }
        case .kernelGradient(let input, let outputGradient, let accumulates):
          try withFloats(input, outputGradient) { input, outputGradient, _ in
            pass.run(
              .kernelGradient(
                input: input, outputGradient: outputGradient, kernelGradient: result, shared: shared,
                accumulates: accumulates), scratch: memory)
          }
        }
      }
    }
  }
  try #require(result.popLast() == guardValue && shared.last == guardValue && scratch.last == guardValue)
  return result.map(Double.init)
}

/// Calls `body` with up to three tensors in Float32.
private func withFloats(
  _ first: DoubleTensor, _ second: DoubleTensor, _ third: DoubleTensor = DoubleTensor(zeros: [1]),
  _ body: (UnsafePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>) -> Void
) throws {
  try first.scalars.map(Float.init).withUnsafeBufferPointer { first in
    try second.scalars.map(Float.init).withUnsafeBufferPointer { second in
      try third.scalars.map(Float.init).withUnsafeBufferPointer { third in
        body(
          try #require(first.baseAddress), try #require(second.baseAddress), try #require(third.baseAddress))
      }
    }
  }
}
