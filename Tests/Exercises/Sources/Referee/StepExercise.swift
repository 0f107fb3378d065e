import ConvNet
import Foundation
import Im2col

extension Exercise {
  /// 12: a step of gradient descent through convolution, ReLU, max pooling, a dense layer and softmax.
  static let trainingStep = Exercise(name: "training step") {
    let image = Sample.numbers([6, 8, 1], seed: 12).map { $0 / 4 }, label = 2, rate = 0.1
    let net = Net(
      kernel: Sample.numbers([3, 3, 1, 2], seed: 13).map { $0 / 8 },
      bias: Numbers(shape: [2], values: [0.25, -0.125]),
      denseKernel: Sample.numbers([12, 3], seed: 14).map { $0 / 16 },
      denseBias: Numbers(shape: [3], values: [0.125, 0, -0.25]))
    let expected = try package(net, image, label, rate)
    let names = ["kernel", "bias", "dense kernel", "dense bias"]
    let slips: [(String, NetStep)] = [
      ("the gradients were added; descent subtracts them", NetStep(sign: 1)),
      (
        "the dense kernel was updated before its old weights carried the gradient on",
        NetStep(updatesDenseFirst: true)
      ),
      ("the gradient has to pass ReLU: 0 where the sum is not positive", NetStep(forgetsReLU: true)),
      ("the label is missing in p - y", NetStep(forgetsLabel: true)),
      ("the biases were not updated", NetStep(keepsBiases: true)),
      ("the learning rate is missing", NetStep(factor: 1 / rate)),
      (
        "only the dense layer was updated; the gradient goes on to the convolution",
        NetStep(stopsAtDense: true)
      ),
    ]
    func parts(_ net: Net) -> [Numbers] { [net.kernel, net.bias, net.denseKernel, net.denseBias] }
    return names.indices.map { index in
      Check(
        quantity: "\(names[index]) after a step", expected: parts(expected)[index], tolerance: 1e-5,
        answer: { parts(try $0.trainingStep(net, image, label, rate))[index] },
        mistakes: slips.map { cause, step in
          Check.Mistake(cause, parts(step.run(net, image, label, rate))[index])
        })
    }
  }

  /// The step of the package's `Sequential`.
  private static func package(_ net: Net, _ image: Numbers, _ label: Int, _ rate: Double) throws -> Net {
    let (kernel, filters, classes) = (net.kernel.shape[0], net.bias.shape[0], net.denseBias.shape[0])
    let model = try Sequential(
      inputShape: image.shape,
      layers: [
        .convolution(filters: filters, kernel: Size2D(height: kernel, width: kernel), activation: .relu),
        .maxPooling(window: 2), .flatten, .dense(units: classes, activation: .softmax),
      ])
    try model.setParameters(
      [net.kernel, net.bias, net.denseKernel, net.denseBias].flatMap { $0.values.map { Float($0) } })
    try model.compile(optimizer: .sgd(learningRate: Float(rate)))
    try model.trainOnBatch(
      image.tensor(batched: true),
      Tensor(shape: [1, classes], scalars: (0..<classes).map { $0 == label ? 1 : 0 }))
    let after = model.parameterTensors.map { Numbers($0.tensor) }
    return Net(kernel: after[0], bias: after[1], denseKernel: after[2], denseBias: after[3])
  }
}

/// A step of gradient descent with one thing wrong, for the hints.
struct NetStep {
  var sign = -1.0, factor = 1.0
  var updatesDenseFirst = false, forgetsReLU = false, forgetsLabel = false, keepsBiases = false,
    stopsAtDense = false

  func run(_ net: Net, _ image: Numbers, _ label: Int, _ rate: Double) -> Net {
    let (filters, classes, kernel) = (net.bias.shape[0], net.denseBias.shape[0], net.kernel.shape[0])
    let windows = Windows(image.shape, kernel: kernel, stride: 1, padding: 0), taps = windows.taps()
    // Forward.
    var z = Numbers(zeros: [windows.rows, windows.columns, filters])
    for i in 0..<windows.rows {
      for j in 0..<windows.columns { for o in 0..<filters { z[i, j, o] = net.bias[o] } }
    }
    for tap in taps {
      for o in 0..<filters { z[tap.i, tap.j, o] += image[tap.y, tap.x, 0] * net.kernel[tap.u, tap.v, 0, o] }
    }
    let pooling = Windows(z.shape, kernel: 2, stride: 2, padding: 0)
    var places: [[Int]] = [], features: [Double] = []
    for i in 0..<pooling.rows {
      for j in 0..<pooling.columns {
        for o in 0..<filters {
          var best = [2 * i, 2 * j, o]
          for tap in pooling.taps()
          where tap.i == i && tap.j == j && z[tap.y, tap.x, o] > z[best[0], best[1], o] {
            best = [tap.y, tap.x, o]
          }
          places.append(best)
          features.append(max(z[best[0], best[1], o], 0))
        }
      }
    }
    let logits = (0..<classes).map { c in
      net.denseBias[c] + features.indices.reduce(0) { $0 + features[$1] * net.denseKernel[$1, c] }
    }
    let exponentials = logits.map { exp($0 - (logits.max() ?? 0)) }, sum = exponentials.reduce(0, +)
    // Backward.
    let difference = exponentials.enumerated().map { $1 / sum - (!forgetsLabel && $0 == label ? 1 : 0) }
    let scale = sign * factor * rate
    var next = net
    for f in features.indices {
      for c in 0..<classes { next.denseKernel[f, c] += scale * features[f] * difference[c] }
    }
    if !keepsBiases { for c in 0..<classes { next.denseBias[c] += scale * difference[c] } }
    guard !stopsAtDense else { return next }
    let used = updatesDenseFirst ? next.denseKernel : net.denseKernel
    for (f, place) in places.enumerated() where forgetsReLU || z[place[0], place[1], place[2]] > 0 {
      let gradient = (0..<classes).reduce(0) { $0 + difference[$1] * used[f, $1] }, o = place[2]
      if !keepsBiases { next.bias[o] += scale * gradient }
      for tap in taps where tap.i == place[0] && tap.j == place[1] {
        next.kernel[tap.u, tap.v, 0, o] += scale * gradient * image[tap.y, tap.x, 0]
      }
    }
    return next
  }
}
