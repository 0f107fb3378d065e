import Im2col

/// The layers of a network and what each of them reads, in topological order.
///
///     value 0 --conv1--> 1 --conv2--> 2 --+-- add1 --> 3
///          \______________________________/
///
/// Value 0 is the input, and value `n + 1` the output of node `n`. The output of the last node is the output
/// of the network. Graphs are made from lists:
///
///     let graph = try Graph(inputShape: [32, 32, 3], blocks)
///
/// or node by node:
///
///     var graph = Graph(inputShape: [32, 32, 3])
///     let left = graph.add(ConvolutionLayer(filters: 8, kernel: 3, padding: .same), reading: [.input])
///     let sum = graph.add(AddLayer(), reading: [left, right])
public struct Graph: Sendable, Hashable {
  /// The input of a network, or the output of a node.
  public struct Value: Sendable, Hashable {
    /// 0 for the input, and `n + 1` for the output of node `n`.
    public let index: Int

    /// The input of the network.
    public static let input = Value(index: 0)

    /// Creates a value.
    public init(index: Int) { self.index = index }
  }

  /// A layer, and the values that it reads.
  public struct Node: Sendable, Hashable, Codable {
    /// The layer.
    public let layer: AnyLayer
    /// The values in the order of the layer's inputs; all are of earlier nodes.
    public let inputs: [Value]
    /// The prefix of the parameter names; nil for the kind of the layer with a number.
    public let name: String?

    /// Creates a node.
    public init(_ layer: AnyLayer, reading inputs: [Value], name: String? = nil) {
      (self.layer, self.inputs, self.name) = (layer, inputs, name)
    }
  }

  /// The shape of one image: `[height, width, channels]`, or `[features]`.
  public let inputShape: [Int]
  /// The nodes in topological order.
  public private(set) var nodes: [Node]

  /// Creates a graph from nodes; `Model.init` validates it.
  public init(inputShape: [Int], nodes: [Node] = []) {
    (self.inputShape, self.nodes) = (inputShape, nodes)
  }

  /// Creates a graph from a list of layers and blocks; `Model.init` validates it.
  public init(inputShape: [Int], _ blocks: [Block]) {
    self.init(inputShape: inputShape)
    add(blocks, reading: .input)
  }

  /// Adds a node and returns its output.
  @discardableResult
  public mutating func add(
    _ layer: some Layer, reading inputs: [Value], name: String? = nil
  ) -> Value {
    add(Node(AnyLayer(layer), reading: inputs, name: name))
  }

  /// Adds the nodes of a list and returns the output of the last one, or `input` for an empty list.
  @discardableResult
  public mutating func add(_ blocks: [Block], reading input: Value) -> Value {
    var value = input
    for block in blocks {
      switch block {
      case .layer(let layer, let name):
        value = add(Node(layer, reading: [value], name: name))
      case .residual(let body, let shortcut, let name):
        let ends = [body, shortcut].map { add($0, reading: value) }
        value = add(Node(AnyLayer(AddLayer()), reading: ends, name: name))
      case .branches(let branches, let merge, let name):
        let ends = branches.map { add($0, reading: value) }
        value = add(Node(merge, reading: ends, name: name))
      }
    }
    return value
  }

  private mutating func add(_ node: Node) -> Value {
    nodes.append(node)
    return Value(index: nodes.count)
  }

  /// Whether every node reads the output of the node before it alone.
  public var isChain: Bool {
    nodes.indices.allSatisfy { nodes[$0].inputs == [Value(index: $0)] }
  }

  /// The layers in order.
  public var layers: [any Layer] { nodes.map(\.layer.layer) }
}

/// A value is its index in files.
extension Graph.Value: Codable {
  /// Decodes an index.
  public init(from decoder: any Decoder) throws {
    index = try decoder.singleValueContainer().decode(Int.self)
  }

  /// Encodes the index.
  public func encode(to encoder: any Encoder) throws {
    var value = encoder.singleValueContainer()
    try value.encode(index)
  }
}
