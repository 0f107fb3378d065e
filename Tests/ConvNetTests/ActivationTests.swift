import ConvNet
import Im2col
import Im2colReference
import Testing

@Suite("Activations")
struct ActivationTests {
  /// An activation of one row in Double.
  private static func reference(_ activation: Activation, _ row: [Double]) -> [Double] {
    LoopNestActivations.forward(activation, DoubleTensor(shape: [1, row.count], scalars: row)).scalars
  }

  @Test("values and derivatives agree with the reference in Double", arguments: Activation.allCases)
  func agree(_ activation: Activation) throws {
    let (rows, columns) = (5, 37)
    let x = try RandomImages.tensor([rows, columns], seed: 61)
    let g = try RandomImages.tensor([rows, columns], seed: 62)
    let y = try activate(x, activation)
    let dx = try activationGradient(of: g, output: y, activation)
    for row in 0..<rows {
      let range = row * columns..<(row + 1) * columns
      let numbers = x.scalars[range].map(Double.init)
      let expected = Self.reference(activation, numbers)
      for (actual, expected) in zip(y.scalars[range], expected) {
        #expect(abs(Double(actual) - expected) < 1e-6)
      }
      // The derivative of sum(g * f(x)) by a central difference, which includes the cross terms of softmax.
      for column in [0, 11, 36] {
        func moved(_ by: Double) -> Double {
          var numbers = numbers
          numbers[column] += by
          return zip(Self.reference(activation, numbers), g.scalars[range]).reduce(0) {
            $0 + $1.0 * Double($1.1)
          }
        }
        let difference = (moved(1e-5) - moved(-1e-5)) / 2e-5
        #expect(abs(Double(dx.scalars[range.lowerBound + column]) - difference) < 1e-4)
      }
    }
  }

  @Test("ReLU propagates NaN and zeroes negative inputs")
  func relu() throws {
    let y = try activate(Tensor(shape: [4], scalars: [.nan, -.infinity, .infinity, -2]), .relu)
    #expect(y.scalars[0].isNaN)
    #expect(y.scalars[1...] == [0, .infinity, 0])
  }

  @Test("softmax of huge and infinite logits")
  func softmaxExtremes() throws {
    let y = try softmax(
      Tensor(
        shape: [4, 3],
        scalars: [300, 100, -300, .infinity, 1, .infinity, -.infinity, 0, -.infinity, 1, .nan, 2]))
    #expect(y.scalars[..<9] == [1, 0, 0, 0.5, 0, 0.5, 0, 1, 0])
    #expect(y.scalars[9...].filter(\.isNaN).count == 3)
  }
}
