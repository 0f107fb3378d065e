import Im2col
import Im2colReference
import Testing

/// The network in Double is checked against finite differences, so that it can serve as a reference.
@Suite struct ReferenceNetworkTests {
  @Test("Every parameter and every pixel of a small LeNet-5", arguments: [1, 2, 3] as [UInt64])
  func shrunkLeNet(seed: UInt64) throws {
    let layers = ReferenceNetwork.leNet5(filters: (2, 3), units: (7, 5), classes: 4)
    try expectFiniteDifferences(layers, imageShape: [12, 13, 1], seed: seed)
  }

  @Test("Average pooling, tanh and sigmoid, as in the LeNet-5 paper")
  func smooth() throws {
    try expectFiniteDifferences(
      [
        .convolution(filters: 3, kernel: Size2D(height: 3, width: 2), padding: .same, activation: .tanh),
        .pooling(.average, window: 2, stride: Size2D(height: 2, width: 1)),
        .convolution(filters: 2, kernel: 2, padding: .valid, activation: .sigmoid),
        .flatten,
        .dense(units: 3, activation: .identity),
      ], imageShape: [6, 5, 2], seed: 4)
  }

  /// Central differences with PyTorch's settings for float64: step 1e-6, 1e-5 absolute, 1e-3 relative.
  private func expectFiniteDifferences(
    _ layers: [ReferenceNetwork.Layer], imageShape: [Int], seed: UInt64
  ) throws {
    var random = SplitMix64(seed: seed)
    let network = try ReferenceNetwork(layers: layers, imageShape: imageShape, random: &random)
    let images = random.reals([2] + imageShape)
    let labels = [1, 2]
    let gradients = try network.gradients(images, labels: labels)
    #expect(abs(gradients.loss - (try network.loss(images, labels: labels))) < 1e-15)
    #expect(gradients.parameters.map(\.shape) == network.parameters.map(\.shape))

    func tolerance(_ differences: DoubleTensor) -> Tolerance {
      .each(differences.scalars.map { 1e-5 + 1e-3 * abs($0) })
    }
    for index in network.parameters.indices {
      let differences = try FiniteDifferences.gradient(at: network.parameters[index]) { moved in
        var other = network
        other.parameters[index] = moved
        return try other.loss(images, labels: labels)
      }
      #expect(
        firstMismatch(gradients.parameters[index], differences, tolerance: tolerance(differences)) == nil,
        "parameter \(index), seed \(seed)")
      // If all gradients were small, a gradient of zeros would pass.
      #expect(differences.scalars.contains { abs($0) > 1e-3 }, "parameter \(index), seed \(seed)")
    }
    let imageDifferences = try FiniteDifferences.gradient(at: images) { try network.loss($0, labels: labels) }
    #expect(
      firstMismatch(gradients.input, imageDifferences, tolerance: tolerance(imageDifferences)) == nil,
      "images, seed \(seed)")
  }
}
