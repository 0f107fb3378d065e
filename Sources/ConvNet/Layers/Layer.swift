import Im2col

/// A layer: settings, and the plan of what it computes for given input shapes.
///
/// The layers of this package and of other packages conform in the same way. A layer is a value without
/// parameters; a `Model` holds the parameters that the plan declares.
///
///     struct Scale: Layer {
///       static let typeName = "scale"
///
///       func plan(for inputs: [[Int]]) throws(ShapeError) -> LayerPlan {
///         let shape = try requireOneInput(inputs)
///         return LayerPlan(
///           outputShape: shape,
///           parameters: [LayerParameter("factor", shape: [1], initializer: .constant(1))],
///           op: ScaleOp())
///       }
///     }
///
/// A `LayerOp` computes the output and the gradients. To use the layer in a list of layers, write
/// `.layer(Scale())`; to read a model file that has it, pass the type to `ModelFile`.
public protocol Layer: Sendable, Hashable, Codable {
  /// The name of the type in model files; unique among the layers of a model.
  static var typeName: String { get }
  /// The version of the encoding. A file with a later version is refused.
  static var version: Int { get }
  /// The kind in summaries, and the prefix of generated names: `conv1`, `conv2`, ...
  var kindName: String { get }

  /// Returns the plan of the layer.
  ///
  /// - Parameter inputs: the shape of one image of every input, without the batch.
  /// - Throws: `ShapeError` when the layer does not accept the shapes, or a setting is out of range.
  func plan(for inputs: [[Int]]) throws(ShapeError) -> LayerPlan
}

extension Layer {
  /// Version 1.
  public static var version: Int { 1 }
  /// The name of the type.
  public var kindName: String { Self.typeName }

  /// Returns the shape of the only input.
  ///
  /// - Throws: `ShapeError.unsupported` when there is another number of inputs.
  public func requireOneInput(_ inputs: [[Int]]) throws(ShapeError) -> [Int] {
    guard inputs.count == 1, let input = inputs.first else {
      throw .unsupported("a layer of kind \(kindName) reads one input, not \(inputs.count)")
    }
    return input
  }

  /// Returns the shape `[height, width, channels]` of the only input.
  ///
  /// - Throws: `ShapeError` when there is another number of inputs, or the input has other axes.
  public func requireImageInput(_ inputs: [[Int]]) throws(ShapeError) -> [Int] {
    let input = try requireOneInput(inputs)
    guard input.count == 3 else {
      throw .rank(
        "the input of a layer of kind \(kindName)", axes: ["height", "width", "channels"], actual: input)
    }
    return input
  }
}

/// What a layer computes for given input shapes, and the parameters that it needs.
public struct LayerPlan: Sendable {
  /// The shape of one output, without the batch.
  public var outputShape: [Int]
  /// The parameter arrays in the order of model files.
  public var parameters: [LayerParameter]
  /// Floating-point operations of the forward pass for one image.
  public var forwardFLOPs: Double
  /// Creates the unfused ops, each of which reads the output of the one before it; the first reads the inputs
  /// of the layer. An empty list means that the output equals the input.
  package var makeOpDescriptors: @Sendable (_ position: NodePosition) -> [any OpDescriptor]

  package init(
    outputShape: [Int], parameters: [LayerParameter] = [], forwardFLOPs: Double = 0,
    makeOpDescriptors: @escaping @Sendable (_ position: NodePosition) -> [any OpDescriptor] = { _ in [] }
  ) {
    (self.outputShape, self.parameters) = (outputShape, parameters)
    (self.forwardFLOPs, self.makeOpDescriptors) = (forwardFLOPs, makeOpDescriptors)
  }
}

/// A parameter array of a layer.
public struct LayerParameter: Sendable {
  /// What training does with an array.
  public enum Role: String, Sendable, Hashable, Codable {
    /// The optimizer updates it.
    case trainable
    /// The layer updates it in training, for example running statistics; it has no gradient.
    case state
  }

  /// The last part of the array's name: `kernel` in `conv1.kernel`.
  public let name: String
  /// The shape.
  public let shape: [Int]
  /// What training does with the array.
  public let role: Role
  /// The initializer.
  public let initializer: Initializer
  /// The number of inputs of one output, for the initializer.
  public let fanIn: Int
  /// The number of outputs that depend on one input, for the initializer.
  public let fanOut: Int

  /// Declares an array.
  public init(
    _ name: String, shape: [Int], role: Role = .trainable, initializer: Initializer, fanIn: Int = 1,
    fanOut: Int = 1
  ) {
    (self.name, self.shape, self.role, self.initializer) = (name, shape, role, initializer)
    (self.fanIn, self.fanOut) = (fanIn, fanOut)
  }
}

/// The position of a layer in a model.
package struct NodePosition: Sendable {
  /// The index of the layer, from 0.
  package let index: Int
  /// The offset of each parameter array in the storage of all parameters.
  package let parameters: [Int]
  /// The number of scalars in one image of every input.
  package let inputCounts: [Int]
}
