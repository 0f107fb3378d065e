import Im2col

/// The taps of all windows over an image: which pixel each position of the kernel meets.
struct Windows {
  let image: [Int]
  let kernel, stride, padding: Int
  let rows, columns: Int

  /// Position `(u, v)` of the kernel in window `(i, j)` meets the pixel `(y, x)`.
  struct Tap { let i, j, u, v, y, x: Int }

  /// - Parameter image: `[height, width, channels]`.
  init(_ image: [Int], kernel: Int, stride: Int, padding: Int) {
    (self.image, self.kernel, self.stride, self.padding) = (image, kernel, stride, padding)
    rows = (image[0] + 2 * padding - kernel) / stride + 1
    columns = (image[1] + 2 * padding - kernel) / stride + 1
  }

  /// The taps that meet the image, window by window.
  ///
  /// - Parameters:
  ///   - offset: the padding that the windows begin at; nil for the right one.
  ///   - step: the distance between windows; nil for the stride.
  func taps(offset: Int? = nil, step: Int? = nil) -> [Tap] {
    var taps: [Tap] = []
    for i in 0..<rows {
      for j in 0..<columns {
        for u in 0..<kernel {
          for v in 0..<kernel {
            let y = i * (step ?? stride) - (offset ?? padding) + u
            let x = j * (step ?? stride) - (offset ?? padding) + v
            if y >= 0, x >= 0, y < image[0], x < image[1] {
              taps.append(Tap(i: i, j: j, u: u, v: v, y: y, x: x))
            }
          }
        }
      }
    }
    return taps
  }

  var paddingRule: Padding { .explicit(top: padding, bottom: padding, left: padding, right: padding) }
}

/// Small integers that differ from their neighbors and have no symmetry.
enum Sample {
  static func numbers(_ shape: [Int], seed: Int) -> Numbers {
    var state = UInt64(seed) &* 2_862_933_555_777_941_757 &+ 3_037_000_493
    return Numbers(zeros: shape).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let value = Int(state >> 33) % 9 - 4
      return Double(value == 0 ? 5 : value)
    }
  }
}

extension Numbers {
  /// The numbers as a tensor of the package, with a batch of 1 before the shape if asked for.
  func tensor(batched: Bool = false) throws -> Tensor {
    try Tensor(shape: (batched ? [1] : []) + shape, scalars: values.map { Float($0) })
  }

  /// - Parameter dropsBatch: whether the first axis, of length 1, is left out.
  init(_ tensor: Tensor, dropsBatch: Bool = false) {
    self.init(
      shape: dropsBatch ? Array(tensor.shape.dropFirst()) : tensor.shape,
      values: tensor.scalars.map(Double.init))
  }

  /// The last axis summed into one number, `[1]`.
  var total: Double { values.reduce(0, +) }
}
