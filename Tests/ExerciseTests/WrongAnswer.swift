import Foundation
import Referee
import Solutions
import Testing

/// A usual mistake, written as a learner would write it, and a part of the hint that it has to get.
struct WrongAnswer: Sendable, CustomTestStringConvertible {
  let exercise, hint: String
  let answers: Answers

  /// - Parameter change: replaces one of the solutions.
  init(_ exercise: String, _ hint: String, _ change: (inout Answers) -> Void) {
    (self.exercise, self.hint) = (exercise, hint)
    var answers = Solutions.answers
    change(&answers)
    self.answers = answers
  }

  var testDescription: String { "\(exercise): \(hint)" }

  static let all: [WrongAnswer] = sizes + forward + gradients + training

  private static let sizes = [
    WrongAnswer("output size", "add 1") { $0.outputSize = { ($0 + 2 * $3 - $1) / $2 } },
    WrongAnswer("output size", "count it twice") { $0.outputSize = { ($0 + $3 - $1) / $2 + 1 } },
    WrongAnswer("output size", "round down") { answers in
      answers.outputSize = { Int((Double($0 + 2 * $3 - $1) / Double($2)).rounded(.up)) + 1 }
    },
  ]

  private static let forward = [
    WrongAnswer("convolution", "the kernel was rotated") { answers in
      answers.convolution = { x, w, b, stride, padding in
        // A convolution as mathematics defines it.
        var rotated = w
        let k = w.shape[0]
        for u in 0..<k {
          for v in 0..<k {
            for c in 0..<w.shape[2] {
              for o in 0..<w.shape[3] { rotated[u, v, c, o] = w[k - 1 - u, k - 1 - v, c, o] }
            }
          }
        }
        return convolution(x, rotated, b, stride: stride, padding: padding)
      }
    },
    WrongAnswer("convolution", "the bias is missing") { answers in
      answers.convolution = { x, w, b, stride, padding in
        convolution(x, w, Numbers(zeros: b.shape), stride: stride, padding: padding)
      }
    },
    WrongAnswer("convolution", "for every product") { answers in
      answers.convolution = { x, w, b, stride, padding in
        var ones = Numbers(zeros: x.shape), biases = Numbers(zeros: w.shape)
        for index in ones.values.indices { ones.values[index] = 1 }
        for index in biases.values.indices { biases.values[index] = b[index % w.shape[3]] }
        let none = Numbers(zeros: b.shape)
        var sum = convolution(x, w, none, stride: stride, padding: padding)
        let added = convolution(ones, biases, none, stride: stride, padding: padding)
        for index in sum.values.indices { sum.values[index] += added.values[index] }
        return sum
      }
    },
    WrongAnswer("convolution", "begin in the image instead of in the padding") { answers in
      answers.convolution = { x, w, b, stride, padding in
        let right = convolution(x, w, b, stride: stride, padding: padding)
        var z = Numbers(zeros: right.shape)
        for i in 0..<z.shape[0] {
          for j in 0..<z.shape[1] {
            for o in 0..<z.shape[2] {
              z[i, j, o] = b[o]
              for u in 0..<w.shape[0] where i * stride + u < x.shape[0] {
                for v in 0..<w.shape[1] where j * stride + v < x.shape[1] {
                  for c in 0..<w.shape[2] {
                    z[i, j, o] += x[i * stride + u, j * stride + v, c] * w[u, v, c, o]
                  }
                }
              }
            }
          }
        }
        return z
      }
    },
    WrongAnswer("im2col", "yours is transposed") { answers in
      answers.im2col = { x, kernel, stride, padding in
        let right = im2col(x, kernel: kernel, stride: stride, padding: padding)
        var transposed = Numbers(zeros: [right.shape[1], right.shape[0]])
        for row in 0..<right.shape[0] {
          for column in 0..<right.shape[1] { transposed[column, row] = right[row, column] }
        }
        return transposed
      }
    },
    WrongAnswer("im2col", "yours has the channel first") { answers in
      answers.im2col = { x, kernel, stride, padding in
        let right = im2col(x, kernel: kernel, stride: stride, padding: padding),
          channels = x.shape[2]
        var changed = right
        for row in 0..<right.shape[0] {
          for tap in 0..<kernel * kernel {
            for c in 0..<channels { changed[row, c * kernel * kernel + tap] = right[row, tap * channels + c] }
          }
        }
        return changed
      }
    },
  ]

  private static let gradients = [
    WrongAnswer("col2im", "yours overwrite each other") { answers in
      answers.col2im = { columns, image, kernel, stride, padding in
        var result = Numbers(zeros: image)
        for copy in copies(of: image, kernel: kernel, stride: stride, padding: padding) {
          result[copy.y, copy.x, copy.c] = columns[copy.row, copy.column]
        }
        return result
      }
    },
    WrongAnswer("col2im", "divided by the number of windows") { answers in
      answers.col2im = { columns, image, kernel, stride, padding in
        var (sums, counts) = (Numbers(zeros: image), Numbers(zeros: image))
        for copy in copies(of: image, kernel: kernel, stride: stride, padding: padding) {
          sums[copy.y, copy.x, copy.c] += columns[copy.row, copy.column]
          counts[copy.y, copy.x, copy.c] += 1
        }
        for index in sums.values.indices where counts.values[index] > 0 {
          sums.values[index] /= counts.values[index]
        }
        return sums
      }
    },
    WrongAnswer("kernel gradient", "a sum, not a mean") { answers in
      answers.kernelGradient = { g, x, kernel, stride, padding in
        var mean = kernelGradient(of: g, input: x, kernel: kernel, stride: stride, padding: padding)
        for index in mean.values.indices { mean.values[index] /= Double(g.shape[0] * g.shape[1]) }
        return mean
      }
    },
    WrongAnswer("kernel gradient", "came out rotated") { answers in
      answers.kernelGradient = { g, x, kernel, stride, padding in
        let right = kernelGradient(
          of: g, input: x, kernel: kernel, stride: stride, padding: padding)
        var rotated = right
        for u in 0..<kernel {
          for v in 0..<kernel {
            for c in 0..<right.shape[2] {
              for o in 0..<right.shape[3] {
                rotated[u, v, c, o] = right[kernel - 1 - u, kernel - 1 - v, c, o]
              }
            }
          }
        }
        return rotated
      }
    },
    WrongAnswer("bias gradient", "a sum, not a mean") { answers in
      answers.biasGradient = { g in
        var mean = biasGradient(of: g)
        for index in mean.values.indices { mean.values[index] /= Double(g.shape[0] * g.shape[1]) }
        return mean
      }
    },
    WrongAnswer("bias gradient", "the sum over all filters") { answers in
      answers.biasGradient = { g in Numbers(shape: [1], values: [g.values.reduce(0, +)]) }
    },
    WrongAnswer("input gradient", "the kernel lies the wrong way around") { answers in
      answers.inputGradient = { g, w, image, stride, padding in
        // Gathers with the kernel as it is.
        var (result, k) = (Numbers(zeros: image), w.shape[0])
        for y in 0..<image[0] {
          for x in 0..<image[1] {
            for u in 0..<k {
              for v in 0..<k {
                let (i, j) = (y + padding - (k - 1 - u), x + padding - (k - 1 - v))
                guard i >= 0, j >= 0, i % stride == 0, j % stride == 0, i / stride < g.shape[0],
                  j / stride < g.shape[1]
                else { continue }
                for c in 0..<image[2] {
                  for o in 0..<g.shape[2] { result[y, x, c] += g[i / stride, j / stride, o] * w[u, v, c, o] }
                }
              }
            }
          }
        }
        return result
      }
    },
    WrongAnswer("input gradient", "yours overwrite each other") { answers in
      answers.inputGradient = { g, w, image, stride, padding in
        var result = Numbers(zeros: image)
        for copy in copies(of: image, kernel: w.shape[0], stride: stride, padding: padding) {
          let (i, j, tap) = (copy.row / g.shape[1], copy.row % g.shape[1], copy.column / image[2])
          var share = 0.0
          for o in 0..<g.shape[2] { share += g[i, j, o] * w[tap / w.shape[0], tap % w.shape[0], copy.c, o] }
          result[copy.y, copy.x, copy.c] = share
        }
        return result
      }
    },
    WrongAnswer("input gradient", "a window was counted twice") { answers in
      answers.inputGradient = { g, w, image, stride, padding in
        var twice = g
        for o in 0..<g.shape[2] { twice[g.shape[0] - 1, g.shape[1] - 1, o] *= 2 }
        return inputGradient(of: twice, kernel: w, image: image, stride: stride, padding: padding)
      }
    },
    WrongAnswer("input gradient", "every filter reads the input") { answers in
      answers.inputGradient = { g, w, image, stride, padding in
        var first = g
        for index in first.values.indices where index % g.shape[2] != 0 { first.values[index] = 0 }
        return inputGradient(of: first, kernel: w, image: image, stride: stride, padding: padding)
      }
    },
    WrongAnswer("pooling gradient", "all equal maxima got the gradient") { answers in
      answers.poolingGradient = { g, x, window, stride in
        pooling(g, x, window, stride) { value, maximum, count in value == maximum ? 1 : 0 }
      }
    },
    WrongAnswer("pooling gradient", "divided among equal maxima") { answers in
      answers.poolingGradient = { g, x, window, stride in
        pooling(g, x, window, stride) { value, maximum, count in value == maximum ? 1 / Double(count) : 0 }
      }
    },
    WrongAnswer("pooling gradient", "compare with >, not with >=") { answers in
      answers.poolingGradient = { g, x, window, stride in
        // The last maximum is the first one of everything in reverse order.
        let reversed = { (n: Numbers) in Numbers(shape: n.shape, values: n.values.reversed()) }
        return reversed(
          poolingGradient(of: reversed(g), input: reversed(x), window: window, stride: stride))
      }
    },
    WrongAnswer("pooling gradient", "as for average pooling") { answers in
      answers.poolingGradient = { g, x, window, stride in
        pooling(g, x, window, stride) { _, _, _ in 1 / Double(window * window) }
      }
    },
  ]

  private static let training = [
    WrongAnswer("cross-entropy", "subtract the largest logit first") { answers in
      answers.crossEntropy = { z, label in
        let exponentials = z.values.map { exp($0) }, sum = exponentials.reduce(0, +)
        return (
          -log(exponentials[label] / sum),
          Numbers(shape: z.shape, values: exponentials.enumerated().map { $1 / sum - ($0 == label ? 1 : 0) })
        )
      }
    },
    WrongAnswer("cross-entropy", "p - y; yours has the other sign") { answers in
      answers.crossEntropy = { z, label in
        let (loss, gradient) = crossEntropy(logits: z, label: label)
        return (loss, Numbers(shape: gradient.shape, values: gradient.values.map { -$0 }))
      }
    },
    WrongAnswer("cross-entropy", "the label is missing") { answers in
      answers.crossEntropy = { z, label in
        var (loss, gradient) = crossEntropy(logits: z, label: label)
        gradient[label] += 1
        return (loss, gradient)
      }
    },
    WrongAnswer("Adam", "the correction of the first updates is missing") { answers in
      answers.adam = { state, g, rate in
        var next = adam(state, gradient: g, rate: rate)
        for k in g.values.indices {
          next.w.values[k] =
            state.w.values[k] - rate * next.m.values[k] / (next.v.values[k].squareRoot() + 1e-7)
        }
        return next
      }
    },
    WrongAnswer("Adam", "the square root of v is missing") { answers in
      answers.adam = { state, g, rate in
        var next = adam(state, gradient: g, rate: rate)
        let t = Double(next.t), correction = sqrt(1 - pow(0.999, t)) / (1 - pow(0.9, t))
        for k in g.values.indices {
          next.w.values[k] =
            state.w.values[k] - rate * correction * next.m.values[k] / (next.v.values[k] + 1e-7)
        }
        return next
      }
    },
    WrongAnswer("measured gradient", "yours divides by epsilon") { answers in
      answers.measuredGradient = { loss, w, epsilon in
        var twice = measuredGradient(of: loss, at: w, epsilon: epsilon)
        for k in twice.values.indices { twice.values[k] *= 2 }
        return twice
      }
    },
    WrongAnswer("measured gradient", "measure on both sides") { answers in
      answers.measuredGradient = { loss, w, epsilon in
        Numbers(
          shape: w.shape,
          values: w.values.indices.map { k in
            var above = w
            above.values[k] += epsilon
            return (loss(above) - loss(w)) / epsilon
          })
      }
    },
    WrongAnswer("training step", "descent subtracts them") { answers in
      answers.trainingStep = { net, image, label, rate in
        trainingStep(net, image: image, label: label, rate: -rate)
      }
    },
    WrongAnswer("training step", "the biases were not updated") { answers in
      answers.trainingStep = { net, image, label, rate in
        var next = trainingStep(net, image: image, label: label, rate: rate)
        (next.bias, next.denseBias) = (net.bias, net.denseBias)
        return next
      }
    },
    WrongAnswer("training step", "only the dense layer was updated") { answers in
      answers.trainingStep = { net, image, label, rate in
        var next = trainingStep(net, image: image, label: label, rate: rate)
        (next.kernel, next.bias) = (net.kernel, net.bias)
        return next
      }
    },
  ]

  /// Shares of the gradient of each window by the value of a pixel, the maximum and the number of maxima.
  private static func pooling(
    _ g: Numbers, _ x: Numbers, _ window: Int, _ stride: Int, _ share: (Double, Double, Int) -> Double
  ) -> Numbers {
    var result = Numbers(zeros: x.shape)
    for i in 0..<g.shape[0] {
      for j in 0..<g.shape[1] {
        let pixels = (0..<window).flatMap { u in (0..<window).map { (i * stride + u, j * stride + $0) } }
        let maximum = pixels.map { x[$0.0, $0.1, 0] }.max() ?? 0
        let count = pixels.filter { x[$0.0, $0.1, 0] == maximum }.count
        for (y, k) in pixels { result[y, k, 0] += g[i, j, 0] * share(x[y, k, 0], maximum, count) }
      }
    }
    return result
  }
}
