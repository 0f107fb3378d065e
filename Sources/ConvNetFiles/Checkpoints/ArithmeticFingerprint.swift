import ConvNet
import Im2col

/// How this process rounds, in two digests. A training resumed where they are others cannot end with the
/// bits of one that was never stopped.
public struct ArithmeticFingerprint: Sendable, Hashable, Codable {
  /// OpenBLAS alone: `BLASFingerprint`.
  public let products: String
  /// Everything together, with this package's own vector loops as they were chosen for the CPU: the
  /// parameters of LeNet-5 after a few updates on made-up images.
  public let training: String

  /// Names digests, for instance those of a file.
  public init(products: String, training: String) {
    (self.products, self.training) = (products, training)
  }

  /// Computes that of this process.
  ///
  /// - Throws: `EngineError.blas` when this process' OpenBLAS must not be used.
  /// - Complexity: some milliseconds.
  public static func current() throws(EngineError) -> ArithmeticFingerprint {
    try ArithmeticFingerprint(products: BLASFingerprint.hexadecimal(), training: shortTraining())
  }

  /// Three updates on 19 images, so that one chunk is whole and one is not.
  private static func shortTraining() throws(EngineError) -> String {
    let model = try Sequential(inputShape: LeNet5.inputShape, layers: LeNet5.layers(), seed: 0)
    try model.compile(options: ComputeOptions(workers: Workers(1)))
    let images = 19
    let random = CounterRandom(seed: 0, stream: .init(purpose: 0xF1A6, index: 0))
    let pixels = (0..<images * 784).map { Float(random[UInt64($0)] >> 56) / 255 }
    var targets = [Float](repeating: 0, count: images * 10)
    for image in 0..<images { targets[image * 10 + image % 10] = 1 }
    let (x, y) = try EngineError.shapes { () throws(ShapeError) in
      (
        try Tensor(shape: [images, 28, 28, 1], scalars: pixels),
        try Tensor(shape: [images, 10], scalars: targets)
      )
    }
    for _ in 0..<3 { try model.trainOnBatch(x, y) }
    return ParameterDigest.hexadecimal(of: model.parameters)
  }
}
