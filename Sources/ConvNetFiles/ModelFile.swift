import ConvNet
import Im2col

/// A model and everything needed to use it: graph, parameters, pixel scale and class names.
///
/// On disk it is a safetensors file. Its tensors are named after layers (`conv1.kernel`, with the shape
/// `[height, width, inChannels, outChannels]`) and in the model's order; Python reads them with
/// `safetensors.numpy.load_file(path)`. The rest is in its metadata (`ModelMetadata`). A file without
/// metadata that has LeNet-5's ten tensors can also be loaded.
///
///     try ModelFile(model, classNames: data.classNames).write(to: "lenet5.safetensors")
///     let model = try ModelFile(contentsOf: "lenet5.safetensors").model()
public struct ModelFile: Sendable, Equatable {
  /// The shape of one image, and the layers.
  public let graph: Graph
  /// The parameters in the model's order, all finite.
  public let parameters: [NamedTensor]
  /// The number of trainable scalars, which come first.
  package let trainableCount: Int
  /// The divisor that scales an image's bytes.
  public let pixelDivisor: Int
  /// The name of every output, in order.
  public let classNames: [String]
  /// The versions that wrote the file; nil if the file has none.
  public let versions: Versions?
  /// Additional strings by name, such as seed, data set and options.
  public let notes: [String: String]
  /// The scores of each epoch of training; empty if the file has none.
  public let history: [EpochScores]

  /// SHA-256 of all parameters; see ``ParameterDigest``.
  public var digest: String { ParameterDigest.hexadecimal(of: parameters.map(\.tensor)) }

  /// Captures the current state of a model.
  ///
  /// - Parameters:
  ///   - model: the model to save.
  ///   - pixelDivisor: the divisor of its images' bytes.
  ///   - classNames: one per output; default `0`, `1`, ...
  ///   - notes: strings of at most 512 bytes, without control characters.
  ///   - history: one entry per epoch; the last 10,000 are kept.
  /// - Throws: `ModelFileError` when a parameter is not finite or the number of class names is wrong.
  public init(
    _ model: Model, pixelDivisor: Int = 255, classNames: [String]? = nil, notes: [String: String] = [:],
    history: [EpochScores] = []
  ) throws(ModelFileError) {
    var metadata = ModelMetadata()
    metadata.history = Array(history.suffix(EpochScores.maxEpochs))
    (metadata.graph, metadata.notes) = (model.graph, notes)
    (metadata.pixelDivisor, metadata.classNames) = (pixelDivisor, classNames)
    metadata.versions = .current
    try self.init(metadata, tensors: model.parameterTensors)
  }

  /// Combines tensors and metadata. All checks are here, for models and for files.
  private init(_ metadata: ModelMetadata, tensors: [NamedTensor]) throws(ModelFileError) {
    graph = metadata.graph ?? Graph(inputShape: LeNet5.inputShape, LeNet5.layers())
    let plan = try Self.plan(graph)
    trainableCount = plan.trainableCount
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

  /// Decodes a model file or the model in a checkpoint.
  ///
  /// - Parameters:
  ///   - file: the tensors and metadata.
  ///   - layerTypes: the types of the model's layers that are not of this package.
  /// - Throws: `ModelFileError` when the layers are not a valid model, or the tensors are not exactly its
  ///   parameters (name, shape, finite numbers, and digest if present).
  public init(_ file: SafetensorsFile, layers layerTypes: [any Layer.Type] = []) throws(ModelFileError) {
    try self.init(
      ModelMetadata(decoding: file.metadata, layerTypes: layerTypes),
      tensors: CheckpointFile.modelTensors(of: file))
  }

  /// Reads a file.
  ///
  /// - Parameters:
  ///   - path: the path of the file.
  ///   - layerTypes: the types of the model's layers that are not of this package.
  /// - Throws: `ModelFileError.inFile` with the path and the reason.
  public init(contentsOf path: String, layers layerTypes: [any Layer.Type] = []) throws(ModelFileError) {
    do throws(ModelFileError) {
      let file = try Self.safetensors { () throws(SafetensorsError) in try SafetensorsFile(contentsOf: path) }
      try self.init(file, layers: layerTypes)
    } catch {
      throw .inFile(path: path, error)
    }
  }

  /// Encodes the model as tensors and metadata.
  ///
  /// - Throws: `ModelFileError.safetensors` when a name or the number of tensors exceeds
  ///   ``SafetensorsLimits``.
  public func safetensors() throws(ModelFileError) -> SafetensorsFile {
    var metadata = ModelMetadata()
    (metadata.graph, metadata.notes) = (graph, notes)
    (metadata.pixelDivisor, metadata.classNames) = (pixelDivisor, classNames)
    (metadata.versions, metadata.digest, metadata.history) = (versions, digest, history)
    let entries = try metadata.encoded()
    return try Self.safetensors { () throws(SafetensorsError) in
      try SafetensorsFile(parameters.map { ($0.name, $0.tensor) }, metadata: entries)
    }
  }

  /// Writes the file atomically; see ``AtomicFile``.
  ///
  /// - Throws: `ModelFileError.inFile` with the path and the reason.
  public func write(to path: String) throws(ModelFileError) { try write(to: path, calls: FileCalls()) }

  package func write(
    to path: String, calls: FileCalls, followsLinks: Bool = true
  ) throws(ModelFileError) {
    do throws(ModelFileError) {
      let file = try safetensors()
      try Self.safetensors { () throws(SafetensorsError) in
        try file.write(to: path, calls: calls, followsLinks: followsLinks)
      }
    } catch {
      throw .inFile(path: path, error)
    }
  }

  /// Creates a model with these layers and parameters. Compile it before further training.
  ///
  /// - Parameter seed: determines the order of images in every epoch.
  /// - Throws: `ModelFileError.engine` when this process's OpenBLAS must not be used.
  public func model(seed: UInt64 = 0) throws(ModelFileError) -> Model {
    do throws(EngineError) {
      let model = try Model(graph, seed: seed)
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
  /// The maximum number of activations of one image in all layers: 128 MiB, twice VGG-16's.
  static let outputLimit = 1 << 25
  /// The maximum number of FLOPs for one image.
  static let costLimit = 0x1p53

  /// Infers shapes before anything is allocated, so that a small file cannot cause a huge allocation.
  private static func plan(_ graph: Graph) throws(ModelFileError) -> NetworkPlan {
    let plan: NetworkPlan
    do throws(ShapeError) {
      plan = try NetworkPlan(graph)
      _ = try OpGraph(plan, .inference)
    } catch {
      throw .engine(.shape(error))
    }
    let outputs = ([graph.inputShape] + plan.nodes.map(\.outputShape)).reduce(0.0) { total, shape in
      total + shape.reduce(1.0) { $0 * Double($1) }
    }
    guard outputs <= Double(outputLimit) else {
      throw .tooLarge("the activations of one image", value: outputs, limit: Double(outputLimit))
    }
    let cost = plan.nodes.reduce(0.0) { $0 + $1.forwardFLOPs }
    guard cost <= costLimit else {
      throw .tooLarge("the FLOPs of one image", value: cost, limit: costLimit)
    }
    return plan
  }

  /// Checks that the tensors are exactly the plan's parameters and returns them in its order.
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
