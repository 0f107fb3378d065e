import ConvNet
import Im2col
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

@Suite("Activations")
struct ActivationTests {
  /// The same functions in Double.
  private static func reference(_ activation: Activation, _ row: [Double]) -> [Double] {
    switch activation {
    case .identity: return row
    case .relu: return row.map { max($0, 0) }
    case .tanh: return row.map { Double(tanh($0)) }
    case .sigmoid: return row.map { 1 / (1 + exp(-$0)) }
    case .softmax:
      let largest = row.max() ?? 0
      let powers = row.map { exp($0 - largest) }
      return powers.map { $0 / powers.reduce(0, +) }
    }
  }

  @Test("values and derivatives agree with Double", arguments: Activation.allCases)
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
      // The derivative along g, by a central difference, weighted so that softmax's cross terms count.
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

  @Test("ReLU keeps NaN and cuts negatives")
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
