import ArgumentParser
import ConvNet
import Im2col
import MNISTData

/// The output of every layer of a trained LeNet-5 for one digit, in sixteen strengths.
struct FeatureMaps: Codable {
  struct Layer: Codable {
    let name: String
    let height: Int
    let width: Int
    /// One string of hexadecimal digits for each channel, row-major; 15 is the layer's largest number.
    let maps: [String]
  }

  let dataset: String
  let epochs: Int
  let index: Int
  let label: Int
  let layers: [Layer]
  /// The kernels of conv1, each 5x5 in row-major order, in 1/15 of the largest magnitude.
  let kernels: [[Int]]
  /// In 1/1000.
  let probabilities: [Int]
}

struct FeatureMapsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "feature-maps",
    abstract: "Trains LeNet-5 and writes the outputs of its layers for one test image.")

  @OptionGroup var data: DataOption
  @Option(help: "The number of epochs to train.") var epochs = 3
  @Option(
    help:
      "The image of the test set; by default the one that is classified correctly with the smallest probability."
  )
  var index: Int?

  func run() throws {
    let dataset = try data.dataset()
    guard dataset.test.imageShape == LeNet5.inputShape else {
      throw ValidationError(
        "The images of \(dataset.name) are \(dataset.test.imageShape); LeNet-5 needs \(LeNet5.inputShape).")
    }
    if let index, !(0..<dataset.test.count).contains(index) {
      throw ValidationError("--index is \(index); it must be in 0..<\(dataset.test.count).")
    }
    let model: Sequential = try lenet5()
    try model.fit(dataset.train, batchSize: 32, epochs: epochs)
    let index = try self.index ?? FeatureMapsCommand.hardest(dataset.test, for: model)
    let image = dataset.test[index..<index + 1]
    let outputs = try LayerOutputs(of: model, for: image.tensor())
    let probabilities = outputs.last.scalars
    let maps = FeatureMaps(
      dataset: dataset.name, epochs: epochs, index: index, label: image.label(of: 0),
      layers: outputs.all.dropLast().map(FeatureMapsCommand.layer),
      kernels: FeatureMapsCommand.kernels(model.parameterTensors[0].tensor),
      probabilities: probabilities.map { Int(($0 * 1000).rounded()) })
    try MeasuredFolder(path: data.measured).write(maps, "feature-maps.json")
  }

  /// The image that is classified correctly with the smallest probability.
  private static func hardest(_ images: LabeledImages, for model: Sequential) throws -> Int {
    let classes = 10
    let probabilities = try model.predict(images.tensor()).scalars
    let correct = (0..<images.count).filter { image in
      let row = probabilities[image * classes..<(image + 1) * classes]
      return row.allSatisfy { $0 <= row[row.startIndex + images.label(of: image)] }
    }
    func probability(_ image: Int) -> Float { probabilities[image * classes + images.label(of: image)] }
    guard let hardest = correct.min(by: { probability($0) < probability($1) }) else {
      throw ValidationError("No image of the test set is classified correctly; train for more epochs.")
    }
    return hardest
  }

  /// `[5, 5, 1, filters]` as one list for each filter.
  private static func kernels(_ tensor: Tensor) -> [[Int]] {
    let (scalars, filters) = (tensor.scalars, tensor.shape[3])
    let largest = scalars.map { abs($0) }.max() ?? 1
    return (0..<filters).map { filter in
      (0..<scalars.count / filters).map { position in
        Int((scalars[position * filters + filter] / largest * Float(PixelMap.levels)).rounded())
      }
    }
  }

  /// `[1, height, width, channels]` or `[1, features]` as one map for each channel.
  private static func layer(_ named: (name: String, tensor: Tensor)) -> FeatureMaps.Layer {
    let shape = named.tensor.shape
    let (height, width, channels) = shape.count == 4 ? (shape[1], shape[2], shape[3]) : (1, shape[1], 1)
    let scalars = named.tensor.scalars
    let largest = scalars.max() ?? 0
    let maps = (0..<channels).map { channel in
      (0..<height * width).map { pixel in
        String(PixelMap.strength(scalars[pixel * channels + channel], of: largest), radix: 16)
      }.joined()
    }
    return FeatureMaps.Layer(name: named.name, height: height, width: width, maps: maps)
  }
}

/// LeNet-5 layer by layer, with the functions that the article calls.
struct LayerOutputs {
  private(set) var all: [(name: String, tensor: Tensor)]
  /// The probabilities.
  let last: Tensor

  init(of model: Sequential, for image: Tensor) throws {
    let p = Dictionary(uniqueKeysWithValues: model.parameterTensors.map { ($0.name, $0.tensor) })
    func kernel(_ layer: String) throws -> Tensor { try LayerOutputs.parameter("\(layer).kernel", p) }
    func bias(_ layer: String) throws -> Tensor { try LayerOutputs.parameter("\(layer).bias", p) }
    let c1 = try convolve(
      image, kernel: kernel("conv1"), bias: bias("conv1"), activation: .relu, padding: .same)
    let p1 = try pool(c1, .max, window: 2, stride: 2)
    let c2 = try convolve(
      p1, kernel: kernel("conv2"), bias: bias("conv2"), activation: .relu, padding: .valid)
    let p2 = try pool(c2, .max, window: 2, stride: 2)
    let d1 = try dense(
      p2.reshaped(to: [1, 400]), kernel: kernel("dense1"), bias: bias("dense1"), activation: .relu)
    let d2 = try dense(d1, kernel: kernel("dense2"), bias: bias("dense2"), activation: .relu)
    last = try dense(d2, kernel: kernel("dense3"), bias: bias("dense3"), activation: .softmax)
    all = [
      ("input", image), ("conv1", c1), ("pool1", p1), ("conv2", c2), ("pool2", p2), ("dense1", d1),
      ("dense2", d2), ("dense3", last),
    ]
  }

  private static func parameter(_ name: String, _ parameters: [String: Tensor]) throws -> Tensor {
    guard let tensor = parameters[name] else { throw ValidationError("The model has no \(name).") }
    return tensor
  }
}
