import Im2col
import Im2colReference
import Testing

/// One pass on this thread, on memory whose ends are watched.
func runWatched(
  _ pass: any ConvolutionPass, _ left: DoubleTensor, _ right: DoubleTensor, count: Int,
  fill: Float = .nan, bias: DoubleTensor? = nil, accumulates: Bool = false
) throws -> [Double] {
  let guardValue: Float = 12_345
  let (left, right) = (left.scalars.map(Float.init), right.scalars.map(Float.init))
  let bias = bias?.scalars.map(Float.init)
  var result = [Float](repeating: fill, count: count) + [guardValue]
  var shared = [Float](repeating: .nan, count: pass.sharedFloats) + [guardValue]
  var scratch = [Float](repeating: .nan, count: pass.scratchFloats) + [guardValue]
  left.withUnsafeBufferPointer { left in
    right.withUnsafeBufferPointer { right in
      result.withUnsafeMutableBufferPointer { result in
        shared.withUnsafeMutableBufferPointer { shared in
          scratch.withUnsafeMutableBufferPointer { scratch in
            (bias ?? []).withUnsafeBufferPointer { biasScalars in
              guard let left = left.baseAddress, let right = right.baseAddress,
                let result = result.baseAddress, let shared = shared.baseAddress,
                let scratch = scratch.baseAddress
              else { return }
              pass.run(
                PassOperands(
                  left: left, right: right, result: result, shared: shared,
                  bias: bias == nil ? nil : biasScalars.baseAddress, accumulates: accumulates),
                scratch: scratch)
            }
          }
        }
      }
    }
  }
  try #require(result.popLast() == guardValue && shared.last == guardValue && scratch.last == guardValue)
  return result.map(Double.init)
}
