import ConvNet
import Im2col

/// Two digests that identify how this process rounds. A run that resumes under another fingerprint does not
/// end with the same bits as an uninterrupted one.
public struct ArithmeticFingerprint: Sendable, Hashable, Codable {
  /// The digest of OpenBLAS alone; see ``BLASFingerprint``.
  public let products: String
  /// The digest of LeNet-5's parameters after a few updates on generated images, which includes this
  /// package's vector loops as selected for the CPU.
  public let training: String

  /// Creates a fingerprint from its digests.
  public init(products: String, training: String) {
    (self.products, self.training) = (products, training)
  }

  /// Computes the fingerprint of this process.
  ///
  /// - Throws: `EngineError.blas` when this process's OpenBLAS must not be used.
  /// - Complexity: takes a few milliseconds.
  public static func current() throws(EngineError) -> ArithmeticFingerprint {
    try ArithmeticFingerprint(products: BLASFingerprint.hexadecimal(), training: shortTraining())
  }

  /// Three updates on 19 images: a full micro-batch and a partial one.
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
