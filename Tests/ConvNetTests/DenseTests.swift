import ConvNet
import Im2col
import Testing

@Suite("Dense")
struct DenseTests {
  @Test(
    "agrees with loops on integers, exactly", arguments: [(1, 1, 1), (3, 7, 5), (17, 33, 600), (5, 1030, 4)])
  func products(batch: Int, inputs: Int, outputs: Int) throws {
    let x = try RandomImages.integers([batch, inputs], seed: 51)
    let w = try RandomImages.integers([inputs, outputs], seed: 52)
    let b = try RandomImages.integers([outputs], seed: 53)
    let g = try RandomImages.integers([batch, outputs], seed: 54)
    let (xs, ws, bs, gs) = (x.scalars, w.scalars, b.scalars, g.scalars)
    var (y, dx) = ([Float](), [Float](repeating: 0, count: xs.count))
    var (dw, db) = ([Float](repeating: 0, count: ws.count), [Float](repeating: 0, count: outputs))
    for n in 0..<batch {
      for o in 0..<outputs {
        var sum = bs[o]
        let gradient = gs[n * outputs + o]
        db[o] += gradient
        for i in 0..<inputs {
          sum += xs[n * inputs + i] * ws[i * outputs + o]
          dw[i * outputs + o] += xs[n * inputs + i] * gradient
          dx[n * inputs + i] += ws[i * outputs + o] * gradient
        }
        y.append(sum)
      }
    }
    #expect(try dense(x, kernel: w, bias: b).scalars == y)
    #expect(try dense(x, kernel: w, bias: b, activation: .relu).scalars == y.map { max($0, 0) })
    let gradients = try denseGradients(of: g, input: x, kernel: w)
    #expect(gradients.input.scalars == dx)
    #expect(gradients.kernel.scalars == dw)
    #expect(gradients.bias.scalars == db)
  }

  @Test("an empty batch")
  func emptyBatch() throws {
    let (x, w) = (try Tensor(repeating: 0, shape: [0, 3]), try RandomImages.integers([3, 2], seed: 55))
    #expect(try dense(x, kernel: w).shape == [0, 2])
    let gradients = try denseGradients(of: Tensor(repeating: 0, shape: [0, 2]), input: x, kernel: w)
    #expect(gradients.kernel == (try Tensor(repeating: 0, shape: [3, 2])))
    #expect(gradients.bias.scalars == [0, 0])
  }

  @Test("mismatched shapes are errors")
  func mismatches() throws {
    let x = try RandomImages.integers([2, 3], seed: 56)
    #expect(throws: EngineError.shape(.mismatch("the kernel", expected: [3, 2], actual: [4, 2]))) {
      try dense(x, kernel: RandomImages.integers([4, 2], seed: 57))
    }
    #expect(throws: EngineError.shape(.mismatch("the bias", expected: [2], actual: [3]))) {
      try dense(
        x, kernel: RandomImages.integers([3, 2], seed: 57), bias: RandomImages.integers([3], seed: 58))
    }
  }
}
