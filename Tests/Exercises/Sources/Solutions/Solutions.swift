import Foundation
import Referee

// The answers of the exercises. The article ConvNet/Exercises shows them.

/// All answers together.
public enum Solutions {
  /// The solutions, for the referee.
  public static let answers = Answers(
    outputSize: outputSize, convolution: convolution, im2col: im2col, col2im: col2im,
    kernelGradient: kernelGradient,
    biasGradient: biasGradient, inputGradient: inputGradient, poolingGradient: poolingGradient,
    crossEntropy: crossEntropy, adam: adam, measuredGradient: measuredGradient, trainingStep: trainingStep)
}

// article: begin exercise-size
/// The number of windows along an axis.
package func outputSize(
  input: Int, kernel: Int, stride: Int, padding: Int
) -> Int {
  (input + 2 * padding - kernel) / stride + 1
}
// article: end

// article: begin exercise-convolution
/// Every window times the kernel, plus the bias.
package func convolution(
  _ x: Numbers, _ w: Numbers, _ b: Numbers, stride: Int, padding: Int
) -> Numbers {
  let (kernel, channels, filters) = (w.shape[0], w.shape[2], w.shape[3])
  let (height, width) = (x.shape[0], x.shape[1])
  func size(_ input: Int) -> Int {
    outputSize(
      input: input, kernel: kernel, stride: stride, padding: padding)
  }
  var z = Numbers(zeros: [size(height), size(width), filters])
  for i in 0..<z.shape[0] {
    for j in 0..<z.shape[1] {
      for o in 0..<filters {
        var sum = b[o]
        for u in 0..<kernel {
          for v in 0..<kernel {
            let y = i * stride - padding + u
            let column = j * stride - padding + v
            // Padding is zero and adds nothing.
            guard y >= 0, y < height, column >= 0, column < width
            else { continue }
            for c in 0..<channels {
              sum += x[y, column, c] * w[u, v, c, o]
            }
          }
        }
        z[i, j, o] = sum
      }
    }
  }
  return z
}
// article: end

// article: begin exercise-taps
/// A number of an image and its place in the column matrix.
package struct Copy { package let y, x, c, row, column: Int }

/// Where im2col copies each number of an image.
package func copies(
  of image: [Int], kernel: Int, stride: Int, padding: Int
) -> [Copy] {
  let (height, width, channels) = (image[0], image[1], image[2])
  let rows = (height + 2 * padding - kernel) / stride + 1
  let columns = (width + 2 * padding - kernel) / stride + 1
  var copies: [Copy] = []
  for i in 0..<rows {
    for j in 0..<columns {
      for u in 0..<kernel {
        for v in 0..<kernel {
          let y = i * stride - padding + u
          let x = j * stride - padding + v
          guard y >= 0, y < height, x >= 0, x < width
          else { continue }
          for c in 0..<channels {
            copies.append(
              Copy(
                y: y, x: x, c: c, row: i * columns + j,
                column: (u * kernel + v) * channels + c))
          }
        }
      }
    }
  }
  return copies
}
// article: end

// article: begin exercise-im2col
/// A row for each window.
package func im2col(
  _ x: Numbers, kernel: Int, stride: Int, padding: Int
) -> Numbers {
  let (height, width, channels) = (x.shape[0], x.shape[1], x.shape[2])
  let rows = (height + 2 * padding - kernel) / stride + 1
  let columns = (width + 2 * padding - kernel) / stride + 1
  var matrix = Numbers(
    zeros: [rows * columns, kernel * kernel * channels])
  for copy in copies(
    of: x.shape, kernel: kernel, stride: stride, padding: padding)
  {
    matrix[copy.row, copy.column] = x[copy.y, copy.x, copy.c]
  }
  return matrix
}
// article: end

// article: begin exercise-col2im
/// The same copies backward: each number is added to its pixel.
package func col2im(
  _ columns: Numbers, image: [Int], kernel: Int, stride: Int,
  padding: Int
) -> Numbers {
  var sums = Numbers(zeros: image)
  for copy in copies(
    of: image, kernel: kernel, stride: stride, padding: padding)
  {
    sums[copy.y, copy.x, copy.c] += columns[copy.row, copy.column]
  }
  return sums
}
// article: end

// article: begin exercise-kernel-gradient
/// The windows, each times the gradient of its output, added up.
package func kernelGradient(
  of g: Numbers, input x: Numbers, kernel: Int, stride: Int,
  padding: Int
) -> Numbers {
  let (columns, filters) = (g.shape[1], g.shape[2])
  let channels = x.shape[2]
  var sums = Numbers(zeros: [kernel, kernel, channels, filters])
  for copy in copies(
    of: x.shape, kernel: kernel, stride: stride, padding: padding)
  {
    let (i, j) = (copy.row / columns, copy.row % columns)
    let tap = copy.column / channels
    for o in 0..<filters {
      sums[tap / kernel, tap % kernel, copy.c, o] +=
        g[i, j, o] * x[copy.y, copy.x, copy.c]
    }
  }
  return sums
}
// article: end

// article: begin exercise-bias-gradient
/// The output gradients of each filter, added up.
package func biasGradient(of g: Numbers) -> Numbers {
  var sums = Numbers(zeros: [g.shape[2]])
  for i in 0..<g.shape[0] {
    for j in 0..<g.shape[1] {
      for o in 0..<g.shape[2] { sums[o] += g[i, j, o] }
    }
  }
  return sums
}
// article: end

// article: begin exercise-input-gradient
/// A copy of the kernel at each window, times the gradient of its
/// output; overlapping copies add up.
package func inputGradient(
  of g: Numbers, kernel w: Numbers, image: [Int], stride: Int,
  padding: Int
) -> Numbers {
  let (kernel, channels) = (w.shape[0], w.shape[2])
  let (columns, filters) = (g.shape[1], g.shape[2])
  var sums = Numbers(zeros: image)
  for copy in copies(
    of: image, kernel: kernel, stride: stride, padding: padding)
  {
    let (i, j) = (copy.row / columns, copy.row % columns)
    let tap = copy.column / channels
    for o in 0..<filters {
      sums[copy.y, copy.x, copy.c] +=
        g[i, j, o] * w[tap / kernel, tap % kernel, copy.c, o]
    }
  }
  return sums
}
// article: end

// article: begin exercise-pooling
/// The gradient of each window goes to its first maximum.
package func poolingGradient(
  of g: Numbers, input x: Numbers, window: Int, stride: Int
) -> Numbers {
  var sums = Numbers(zeros: x.shape)
  for i in 0..<g.shape[0] {
    for j in 0..<g.shape[1] {
      for c in 0..<g.shape[2] {
        var (row, column) = (i * stride, j * stride)
        for y in i * stride..<i * stride + window {
          for k in j * stride..<j * stride + window {
            // Not >=: the first of equal numbers stays.
            if x[y, k, c] > x[row, column, c] { (row, column) = (y, k) }
          }
        }
        sums[row, column, c] += g[i, j, c]
      }
    }
  }
  return sums
}
// article: end

// article: begin exercise-cross-entropy
/// The loss -log(p[label]), and its gradient p - y.
package func crossEntropy(
  logits z: Numbers, label: Int
) -> (loss: Double, gradient: Numbers) {
  // Without the maximum, e^1000 would overflow.
  let maximum = z.values.max() ?? 0
  let sum = z.values.reduce(0) { $0 + exp($1 - maximum) }
  var gradient = Numbers(zeros: z.shape)
  for c in z.values.indices {
    gradient[c] = exp(z[c] - maximum) / sum - (c == label ? 1 : 0)
  }
  return (maximum + log(sum) - z[label], gradient)
}
// article: end

// article: begin exercise-adam
/// Means of the gradient and of its square, corrected for their
/// start at zero.
package func adam(
  _ state: AdamState, gradient g: Numbers, rate: Double
) -> AdamState {
  var next = state
  next.t += 1
  let t = Double(next.t)
  let correction = sqrt(1 - pow(0.999, t)) / (1 - pow(0.9, t))
  for k in g.values.indices {
    let gradient = g.values[k]
    next.m.values[k] = 0.9 * state.m.values[k] + 0.1 * gradient
    next.v.values[k] =
      0.999 * state.v.values[k] + 0.001 * gradient * gradient
    next.w.values[k] -=
      rate * correction * next.m.values[k]
      / (sqrt(next.v.values[k]) + 1e-7)
  }
  return next
}
// article: end

// article: begin exercise-check
/// The loss a little above and a little below, for one number after
/// the other.
package func measuredGradient(
  of loss: (Numbers) -> Double, at w: Numbers, epsilon: Double
) -> Numbers {
  var gradient = Numbers(zeros: w.shape)
  for k in w.values.indices {
    var (above, below) = (w, w)
    above.values[k] += epsilon
    below.values[k] -= epsilon
    gradient.values[k] = (loss(above) - loss(below)) / (2 * epsilon)
  }
  return gradient
}
// article: end

// article: begin exercise-step
/// Forward, backward with the functions above, and an update.
package func trainingStep(
  _ net: Net, image: Numbers, label: Int, rate: Double
) -> Net {
  let kernel = net.kernel.shape[0]
  // Forward.
  let z = convolution(
    image, net.kernel, net.bias, stride: 1, padding: 0)
  let a = Numbers(shape: z.shape, values: z.values.map { max($0, 0) })
  var pooled = Numbers(
    zeros: [a.shape[0] / 2, a.shape[1] / 2, a.shape[2]])
  for i in 0..<pooled.shape[0] {
    for j in 0..<pooled.shape[1] {
      for o in 0..<pooled.shape[2] {
        pooled[i, j, o] = max(
          a[2 * i, 2 * j, o], a[2 * i, 2 * j + 1, o],
          a[2 * i + 1, 2 * j, o], a[2 * i + 1, 2 * j + 1, o])
      }
    }
  }
  var logits = net.denseBias
  for (f, value) in pooled.values.enumerated() {
    for c in logits.values.indices {
      logits[c] += value * net.denseKernel[f, c]
    }
  }
  // Backward, with the old parameters throughout.
  let g = crossEntropy(logits: logits, label: label).gradient
  var denseGradient = Numbers(zeros: net.denseKernel.shape)
  var pooledGradient = Numbers(zeros: pooled.shape)
  for f in pooled.values.indices {
    for c in g.values.indices {
      denseGradient[f, c] = pooled.values[f] * g[c]
      pooledGradient.values[f] += g[c] * net.denseKernel[f, c]
    }
  }
  var gz = poolingGradient(
    of: pooledGradient, input: a, window: 2, stride: 2)
  // ReLU passes the gradient where its output is positive.
  for k in gz.values.indices where a.values[k] <= 0 {
    gz.values[k] = 0
  }
  let gw = kernelGradient(
    of: gz, input: image, kernel: kernel, stride: 1, padding: 0)
  // The update.
  func step(_ w: Numbers, _ gradient: Numbers) -> Numbers {
    Numbers(
      shape: w.shape,
      values: zip(w.values, gradient.values).map { $0 - rate * $1 })
  }
  return Net(
    kernel: step(net.kernel, gw),
    bias: step(net.bias, biasGradient(of: gz)),
    denseKernel: step(net.denseKernel, denseGradient),
    denseBias: step(net.denseBias, g))
}
// article: end
