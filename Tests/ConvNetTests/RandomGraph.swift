import ConvNet
import Im2col
import Im2colReference

/// A small random network with every kind of layer, drawn from a seed: residual blocks, branches, values that
/// several layers read, odd and unequal sizes.
struct RandomGraph: CustomStringConvertible {
  let seed: UInt64
  private(set) var graph: Graph
  /// The number of images.
  let batch: Int
  let classes: Int
  /// The loss, which matches the last activation.
  private(set) var loss: any Loss = SoftmaxCrossEntropy()

  private var random: SplitMix64
  /// The values so far, with their shapes.
  private var values: [(value: Graph.Value, shape: [Int])]
  private var last: (value: Graph.Value, shape: [Int])

  /// - Parameter normalizes: whether the network may have batch normalizations, which need the whole batch.
  init(seed: UInt64, normalizes: Bool) throws {
    self.seed = seed
    var random = SplitMix64(seed: seed)
    let shape = [random.roll(5...11), random.roll(5...11), random.roll(1...5)]
    graph = Graph(inputShape: shape)
    batch = random.roll(3...19)
    classes = random.roll(2...6)
    self.random = random
    last = (.input, shape)
    values = [last]
    for _ in 0..<self.random.roll(3...6) { try addBlock(normalizes, depth: 0) }
    try addHead(normalizes)
  }

  /// One line for each node: the values that it reads, and its settings.
  var description: String {
    let nodes = graph.nodes.enumerated().map { index, node in
      "  \(index + 1) = \(node.layer.layer) of \(node.inputs.map(\.index))"
    }
    return (["seed \(seed), \(batch) images \(graph.inputShape), \(loss)"] + nodes).joined(separator: "\n")
  }

  // MARK: - Layers

  /// Adds a layer that reads values, by default the last one.
  private mutating func add(
    _ layer: some Layer, reading inputs: [(value: Graph.Value, shape: [Int])]? = nil
  ) throws {
    let inputs = inputs ?? [last]
    let plan = try layer.plan(for: inputs.map(\.shape))
    last = (graph.add(layer, reading: inputs.map(\.value)), plan.outputShape)
    values.append(last)
  }

  /// Adds a random layer or block of them to an image.
  private mutating func addBlock(_ normalizes: Bool, depth: Int) throws {
    switch random.roll(0...(depth < 2 ? 11 : 7)) {
    case 0, 1: try addConvolution(normalizes)
    case 2: try addPooling()
    case 3:
      switch random.roll(0...3) {
      case 0: try add(PReLULayer(initialSlope: random.pick([0.25, -0.5])))
      case 1 where last.shape[0] < 9: try addTransposedConvolution()
      default: try add(ActivationLayer(activation: activation()))
      }
    case 4:
      if normalizes { try addNormalization() } else { try add(DropoutLayer(rate: random.pick([0.25, 0.5]))) }
    case 5: try addDepthwise(normalizes)
    case 6:
      try add(
        ResponseNormalizationLayer(
          size: random.roll(1...5), k: 1, alpha: random.pick([0.1, 0.5]), beta: 0.75))
    case 7:
      try add(
        ZeroPaddingLayer(
          top: random.roll(0...1), bottom: random.roll(0...2), left: random.roll(0...2),
          right: random.roll(0...1)))
    case 8, 9: try addResidual(normalizes, depth: depth)
    case 10: try addBranches(normalizes, depth: depth)
    default: try addEarlierValue()
    }
  }

  private mutating func activation() -> Activation {
    random.pick(random.oneIn(2) ? [.relu, .identity] : LoopNestActivations.samples.filter(\.isElementwise))
  }

  private mutating func side(_ axis: Int, _ range: ClosedRange<Int>) -> Int {
    min(random.roll(range), last.shape[axis])
  }

  private mutating func size(_ range: ClosedRange<Int>) -> Size2D {
    Size2D(height: side(0, range), width: side(1, range))
  }

  private mutating func addNormalization() throws {
    try add(BatchNormalizationLayer(momentum: random.pick([0.9, 0.75]), epsilon: random.pick([1e-5, 1e-3])))
    if random.oneIn(2) { try add(ActivationLayer(activation: activation())) }
  }

  /// Adds a convolution, and sometimes a normalization, an activation, and a pooling that can be fused with it.
  private mutating func addConvolution(_ normalizes: Bool, filters: Int? = nil) throws {
    let groups = last.shape[2].isMultiple(of: 2) && random.oneIn(3) ? 2 : 1
    let filters = filters ?? random.roll(1...4) * groups
    let kernel = size(1...3)
    let keepsSize = random.oneIn(2)
    let normalized = normalizes && random.oneIn(2)
    try add(
      ConvolutionLayer(
        filters: filters, kernel: kernel, stride: keepsSize ? 1 : size(1...2),
        dilation: keepsSize && random.oneIn(4) ? 2 : 1, groups: filters % groups == 0 ? groups : 1,
        padding: keepsSize ? .same : random.pick([.valid, .explicit(top: 1, bottom: 0, left: 0, right: 1)]),
        activation: normalized ? .identity : activation(), useBias: !random.oneIn(3)))
    if normalized { try addNormalization() }
    if random.oneIn(4) { try addPooling() }
  }

  /// Adds a convolution of every channel by itself.
  private mutating func addDepthwise(_ normalizes: Bool) throws {
    let channels = last.shape[2]
    try add(
      ConvolutionLayer(
        filters: channels * random.roll(1...2), kernel: size(2...3), stride: random.oneIn(3) ? 2 : 1,
        groups: channels, padding: .same, activation: normalizes ? .identity : activation(),
        useBias: random.oneIn(2)))
    if normalizes { try addNormalization() }
  }

  private mutating func addTransposedConvolution() throws {
    let groups = last.shape[2].isMultiple(of: 2) ? 2 : 1
    try add(
      TransposedConvolutionLayer(
        filters: random.roll(1...2) * groups, kernel: size(1...3), stride: size(1...2), groups: groups,
        padding: random.pick([.valid, .same]), activation: activation(), useBias: random.oneIn(2)))
  }

  private mutating func addPooling() throws {
    let window = size(1...3)
    try add(
      PoolingLayer(
        mode: random.pick([.max, .max, .average]), window: window,
        stride: random.oneIn(2) ? window : size(1...2), padding: random.pick([.valid, .same, .sameLower]),
        roundsUp: random.oneIn(4), countsPadding: random.oneIn(3)))
  }

  // MARK: - Blocks

  /// Adds convolutions that keep the height and width, or divide them by a stride.
  private mutating func addBody(_ normalizes: Bool, filters: Int, stride: Int) throws {
    try add(
      ConvolutionLayer(
        filters: random.roll(1...4), kernel: size(1...3), stride: Size2D(integerLiteral: stride),
        padding: .same, activation: normalizes ? .identity : activation(), useBias: !normalizes))
    if normalizes { try addNormalization() }
    if random.oneIn(3) { try addDepthwiseOfSameSize() }
    try add(ConvolutionLayer(filters: filters, kernel: size(1...3), padding: .same, useBias: random.oneIn(2)))
    if normalizes, random.oneIn(2) { try add(BatchNormalizationLayer()) }
  }

  private mutating func addDepthwiseOfSameSize() throws {
    try add(
      ConvolutionLayer(
        filters: last.shape[2], kernel: 3, groups: last.shape[2], padding: .same, activation: activation()))
  }

  /// Adds a residual block; its shortcut is the identity, a convolution, or a convolution and a normalization.
  private mutating func addResidual(_ normalizes: Bool, depth: Int) throws {
    let input = last
    let hasShortcut = random.oneIn(2)
    let stride = hasShortcut ? random.roll(1...2) : 1
    let filters = hasShortcut ? random.roll(1...5) : input.shape[2]
    try addBody(normalizes, filters: filters, stride: stride)
    var ends = [last]
    last = input
    if hasShortcut {
      try add(
        ConvolutionLayer(
          filters: filters, kernel: 1, stride: Size2D(integerLiteral: stride), padding: .same,
          useBias: random.oneIn(2)))
      if normalizes, random.oneIn(2) { try add(BatchNormalizationLayer()) }
    }
    ends.append(last)
    if random.oneIn(3) { ends.reverse() }
    if random.oneIn(5) { ends.append(random.pick(ends)) }
    try add(AddLayer(), reading: ends)
    if random.oneIn(2) { try add(ActivationLayer(activation: activation())) }
  }

  /// Adds two or three branches with the height and width of their input, and a concatenation.
  private mutating func addBranches(_ normalizes: Bool, depth: Int) throws {
    let input = last
    var ends: [(value: Graph.Value, shape: [Int])] = []
    for branch in 0..<random.roll(2...3) {
      last = input
      switch random.roll(0...3) {
      case 0: try addBody(normalizes, filters: random.roll(1...3), stride: 1)
      case 1:
        try add(
          ConvolutionLayer(
            filters: random.roll(1...3), kernel: size(1...3), padding: .same, activation: activation()))
      case 2:
        try add(
          PoolingLayer(mode: random.pick([.max, .average]), window: size(2...3), stride: 1, padding: .same))
      default: if branch == 0 { try add(DropoutLayer(rate: 0.5)) }
      }
      ends.append(last)
    }
    try add(ConcatenateLayer(), reading: ends)
  }

  /// Adds or concatenates an earlier value of the same height and width, perhaps the last one again.
  private mutating func addEarlierValue() throws {
    let other = random.pick(values.filter { $0.shape.dropLast() == last.shape.dropLast() })
    if other.shape == last.shape, random.oneIn(2) {
      try add(AddLayer(), reading: [last, other])
    } else if last.shape[2] + other.shape[2] <= 16 {
      try add(ConcatenateLayer(), reading: [other, last])
    }
  }

  /// Adds the layers from an image to classes.
  private mutating func addHead(_ normalizes: Bool) throws {
    if random.oneIn(2) {
      try add(GlobalPoolingLayer(mode: random.pick([.average, .max])))
    } else {
      try add(FlattenLayer())
    }
    if random.oneIn(2) {
      try add(DenseLayer(units: random.roll(3...9), activation: activation(), useBias: random.oneIn(2)))
      // A normalization of a few values is too sensitive to compare: two become 1 and -1, whatever they are.
      if normalizes, batch > 8 { try addNormalization() }
    }
    if random.oneIn(3) { try add(DropoutLayer(rate: 0.25)) }
    let (activation, loss): (Activation, any Loss) = random.pick([
      (.softmax, SoftmaxCrossEntropy()), (.identity, SoftmaxCrossEntropy(labelSmoothing: 0.125)),
      (.softmax, SoftmaxCrossEntropy(classWeights: (0..<classes).map { 0.5 + Float($0) })),
      (.sigmoid, BinaryCrossEntropy()), (.identity, BinaryCrossEntropy()), (.tanh, MeanSquaredError()),
      (.softmax, MeanSquaredError()),
    ])
    self.loss = loss
    try add(DenseLayer(units: classes, activation: activation, useBias: !random.oneIn(4)))
  }
}
