import ConvNet
import Im2col

/// A model with all that is needed to use it: layers, parameters, and how images have to be scaled.
///
/// On disk it is a safetensors file whose tensors are named after layers (`conv1.kernel`, HWIO) and
/// stand in the model's order, so that Python reads it with `safetensors.numpy.load_file(path)`; the rest is
/// in its metadata, see ``ModelMetadata``. A plain file of LeNet-5's ten tensors, as Python writes it,
/// loads too.
///
///     try ModelFile(model, classNames: data.classNames).write(to: "lenet5.safetensors")
///     let model = try ModelFile(contentsOf: "lenet5.safetensors").model()
public struct ModelFile: Sendable, Equatable {
  /// Of one image: `[height, width, channels]`, or `[features]`.
  public let inputShape: [Int]
  /// From input to output.
  public let layers: [Layer]
  /// Every learned array in the model's order, all finite.
  public let parameters: [NamedTensor]
  /// What an image's bytes have to be divided by.
  public let pixelDivisor: Int
  /// What the outputs are called, in order.
  public let classNames: [String]
  /// What wrote the file; nil where it does not say.
  public let versions: Versions?
  /// What the writer wanted to keep with the model: seed, data set, options.
  public let notes: [String: String]
  /// What came out of each epoch of the training; empty where the file does not say.
  public let history: [EpochScores]

  /// SHA-256 of all parameters as little-endian Float32 in the model's order.
  public var digest: String { ParameterDigest.hexadecimal(of: parameters.map(\.tensor)) }

  /// Takes a model as it is now.
  ///
  /// - Parameters:
  ///   - model: what is to be kept; later changes to it are not seen.
  ///   - pixelDivisor: what its images' bytes were divided by.
  ///   - classNames: one an output; `0`, `1`, ... unless given.
  ///   - notes: anything worth knowing later; short texts without control characters.
  ///   - history: an entry an epoch; of very long trainings the last 10,000 are kept.
  /// - Throws: `ModelFileError` when a parameter is not finite or the names do not fit.
  public init(
    _ model: Sequential, pixelDivisor: Int = 255, classNames: [String]? = nil, notes: [String: String] = [:],
    history: [EpochScores] = []
  ) throws(ModelFileError) {
    var metadata = ModelMetadata()
    metadata.history = Array(history.suffix(EpochScores.maxEpochs))
    (metadata.inputShape, metadata.layers, metadata.notes) = (model.inputShape, model.layers, notes)
    (metadata.pixelDivisor, metadata.classNames) = (pixelDivisor, classNames)
    metadata.versions = .current
    try self.init(metadata, tensors: model.parameterTensors)
  }

  /// Brings tensors and metadata together; everything is checked here, whichever side it came from.
  private init(_ metadata: ModelMetadata, tensors: [NamedTensor]) throws(ModelFileError) {
    inputShape = metadata.inputShape ?? LeNet5.inputShape
    layers = metadata.layers ?? LeNet5.layers()
    let plan = try Self.plan(inputShape: inputShape, layers: layers)
    parameters = try Self.parameters(of: plan, from: tensors)
    pixelDivisor = metadata.pixelDivisor ?? 255
    classNames = metadata.classNames ?? (0..<plan.outputCount).map(String.init)
    (versions, notes, history) = (metadata.versions, metadata.notes, metadata.history)
    guard plan.outputShape == [classNames.count] else {
      throw .classCount(names: classNames.count, outputs: plan.outputShape)
    }
    try metadata.requireValid()
    if let expected = metadata.digest {
      let actual = digest
      guard expected == actual else { throw .digest(expected: expected, actual: actual) }
    }
  }

  // MARK: - Files

  /// Takes what a safetensors file holds; of a checkpoint, the model in it.
  ///
  /// - Throws: `ModelFileError` when the layers make no model, or the tensors are not exactly its parameters
  ///   (name, shape, finite numbers, and the digest where there is one).
  public init(_ file: SafetensorsFile) throws(ModelFileError) {
    try self.init(
      ModelMetadata(decoding: file.metadata), tensors: CheckpointFile.modelTensors(of: file))
  }

  /// Reads a file.
  ///
  /// - Throws: `ModelFileError.inFile` with the path and what is wrong.
  public init(contentsOf path: String) throws(ModelFileError) {
    do throws(ModelFileError) {
      let file = try Self.safetensors { () throws(SafetensorsError) in try SafetensorsFile(contentsOf: path) }
      try self.init(file)
    } catch {
      throw .inFile(path: path, error)
    }
  }

  /// The file's tensors and metadata.
  ///
  /// - Throws: `ModelFileError.safetensors` when a name or a number of tensors is beyond the format's limits.
  public func safetensors() throws(ModelFileError) -> SafetensorsFile {
    var metadata = ModelMetadata()
    (metadata.inputShape, metadata.layers, metadata.notes) = (inputShape, layers, notes)
    (metadata.pixelDivisor, metadata.classNames) = (pixelDivisor, classNames)
    (metadata.versions, metadata.digest, metadata.history) = (versions, digest, history)
    let entries = try metadata.encoded()
    return try Self.safetensors { () throws(SafetensorsError) in
      try SafetensorsFile(parameters.map { ($0.name, $0.tensor) }, metadata: entries)
    }
  }

  /// Writes the file so that its path leads to the old or to the new one, whatever happens.
  ///
  /// - Throws: `ModelFileError.inFile` with the path and what is wrong.
  public func write(to path: String) throws(ModelFileError) {
    do throws(ModelFileError) {
      let file = try safetensors()
      try Self.safetensors { () throws(SafetensorsError) in try file.write(to: path) }
    } catch {
      throw .inFile(path: path, error)
    }
  }

  /// A model with these layers and parameters; compile it to train on.
  ///
  /// - Parameter seed: what the order of images in every epoch follows from.
  /// - Throws: `ModelFileError.engine` when this process' OpenBLAS must not be used.
  public func model(seed: UInt64 = 0) throws(ModelFileError) -> Sequential {
    do throws(EngineError) {
      let model = try Sequential(inputShape: inputShape, layers: layers, seed: seed)
      try model.setParameterTensors(parameters)
      return model
    } catch {
      throw .engine(error)
    }
  }

  private static func safetensors<R>(_ body: () throws(SafetensorsError) -> R) throws(ModelFileError) -> R {
    do { return try body() } catch { throw .safetensors(error) }
  }
}

// MARK: - Checks

extension ModelFile {
  /// Numbers that one image may make in all layers together: 128 MiB, twice VGG-16's.
  static let outputLimit = 1 << 25
  /// Multiplications and additions that one image may cost.
  static let costLimit = 0x1p53

  /// Infers shapes before anything is allocated, so that a file of a few bytes cannot ask for terabytes.
  private static func plan(inputShape: [Int], layers: [Layer]) throws(ModelFileError) -> NetworkPlan {
    let plan: NetworkPlan
    do throws(ShapeError) {
      plan = try NetworkPlan(inputShape: inputShape, layers: layers)
    } catch {
      throw .engine(.shape(error))
    }
    let outputs = ([inputShape] + plan.layers.map(\.output)).reduce(0.0) { total, shape in
      total + shape.reduce(1.0) { $0 * Double($1) }
    }
    guard outputs <= Double(outputLimit) else {
      throw .tooLarge("the numbers that an image makes", value: outputs, limit: Double(outputLimit))
    }
    let cost = plan.layers.reduce(0.0) { $0 + $1.forwardFLOPs }
    guard cost <= costLimit else {
      throw .tooLarge("the operations that an image costs", value: cost, limit: costLimit)
    }
    return plan
  }

  /// The plan's parameters in its order: each there once with the right shape and finite, and nothing else.
  private static func parameters(
    of plan: NetworkPlan, from tensors: [NamedTensor]
  ) throws(ModelFileError) -> [NamedTensor] {
    var byName = Dictionary(tensors.map { ($0.name, $0.tensor) }, uniquingKeysWith: { first, _ in first })
    var parameters: [NamedTensor] = []
    for parameter in plan.parameters {
      let (name, shape) = (parameter.name, parameter.plan.shape)
      guard let tensor = byName.removeValue(forKey: name) else {
        throw .missing(parameter: name, shape: shape)
      }
      guard tensor.shape == shape else {
        throw .shape(parameter: name, expected: shape, actual: tensor.shape)
      }
      if let index = tensor.scalars.firstIndex(where: { !$0.isFinite }) {
        throw .notFinite(parameter: name, index: index, value: tensor.scalars[index])
      }
      parameters.append(NamedTensor(name: name, tensor: tensor))
    }
    if let unexpected = byName.min(by: { $0.key < $1.key }) {
      throw .unexpected(tensor: unexpected.key, shape: unexpected.value.shape)
    }
    return parameters
  }
}
