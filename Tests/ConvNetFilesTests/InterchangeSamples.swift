import ConvNet
import ConvNetFiles
import Foundation
import Im2col
import Im2colReference
import TestSupport

/// A model and a batch for the tests that hand both to Python.
struct InterchangeSamples {
  static let batch = 33
  let model: Sequential
  /// `[batch, 28, 28, 1]`, multiples of 1/255.
  let images: Tensor
  let classes: [Int]

  init(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    images = try Tensor(
      shape: [Self.batch, 28, 28, 1],
      scalars: (0..<Self.batch * 784).map { _ in Float(random.next() % 256) / 255 })
    classes = (0..<Self.batch).map { _ in Int(random.next() % 10) }
    model = try Sequential(inputShape: LeNet5.inputShape, layers: LeNet5.layers(), seed: seed)
    // A lost bias would go unnoticed if all were zero.
    try model.setParameterTensors(
      model.parameterTensors.map { parameter in
        guard parameter.name.hasSuffix(".bias") else { return parameter }
        let shape = parameter.tensor.shape
        let values = (0..<shape[0]).map { _ in Float.random(in: -0.5...0.5, using: &random) }
        return NamedTensor(name: parameter.name, tensor: try Tensor(shape: shape, scalars: values))
      })
  }

  /// `[batch, 10]`.
  func oneHot() throws -> Tensor {
    try Tensor(
      shape: [Self.batch, 10],
      scalars: classes.flatMap { label in (0..<10).map { $0 == label ? 1 : 0 } })
  }
}

/// The scripts of `Tests/Interchange` and the articles whose listings they run.
enum Interchange {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  /// Runs a script with a framework's name, the folder of the articles, and a folder for files.
  static func run(_ script: String, _ framework: String, in folder: TemporaryFolder) throws {
    let launcher = """
      import os, runpy, sys
      sys.dont_write_bytecode = True
      sys.argv = sys.argv[1:]
      sys.path.insert(0, os.path.dirname(sys.argv[0]))
      runpy.run_path(sys.argv[0], run_name="__main__")
      """
    let file = root.appendingPathComponent("Tests/Interchange/\(script)").path
    let articles = root.appendingPathComponent("Sources/ConvNet/ConvNet.docc").path
    _ = try Python.run(launcher, [file, framework, articles, folder.path])
  }
}

/// The largest absolute difference of two tensors; infinity if their shapes differ.
func largestDifference(_ a: Tensor, _ b: Tensor) -> Float {
  guard a.shape == b.shape else { return .infinity }
  return zip(a.scalars, b.scalars).reduce(0) { worst, pair in
    let difference = abs(pair.0 - pair.1)
    return difference.isNaN ? .infinity : max(worst, difference)
  }
}
