import ConvNet
import Foundation
import Im2col

extension Exercise {
  /// 9: softmax and cross-entropy.
  static let crossEntropy = Exercise(name: "cross-entropy") {
    try [([1, 2, -1], 0), ([0.5, -2, 3, 1], 3), ([1000, 998, 1001], 1)].flatMap { logits, label in
      let z = Numbers(shape: [logits.count], values: logits)
      let y = Numbers(shape: z.shape, values: logits.indices.map { $0 == label ? 1 : 0 })
      let (loss, probabilities, _) = try softmaxCrossEntropy(
        logits: Tensor(shape: [1, logits.count], scalars: logits.map { Float($0) }),
        labels: Tensor(shape: [1, logits.count], scalars: y.values.map { Float($0) }))
      let p = Numbers(shape: z.shape, values: probabilities.scalars.map(Double.init))
      func combined(_ value: (Double, Double) -> Double) -> Numbers {
        Numbers(shape: z.shape, values: zip(p.values, y.values).map(value))
      }
      func number(_ value: Double) -> Numbers { Numbers(shape: [], values: [value]) }
      let exponentials = logits.map { exp($0) }, sum = exponentials.reduce(0, +)
      let naive = -log(exponentials[label] / sum)
      let overflow = "the exponentials overflow: subtract the largest logit first"
      return [
        Check(
          quantity: "loss of the logits \(logits) with label \(label)", expected: number(loss),
          tolerance: 1e-6,
          answer: { number(try $0.crossEntropy(z, label).loss) },
          mistakes: [
            .init(overflow, naive.isFinite ? nil : number(naive)),
            .init("the loss is -log(p); yours has the other sign", number(-loss)),
            .init("the loss is the logarithm of p; yours has none", number(-p.values[label])),
            .init(
              "the loss takes p at the label alone; yours sums over all classes",
              number(-p.values.map { log($0) }.reduce(0, +))),
            .init("the natural logarithm belongs here", number(loss / log(10))),
            .init("the natural logarithm belongs here", number(loss / log(2))),
          ]),
        Check(
          quantity: "gradient of the logits \(logits) with label \(label)", expected: combined { $0 - $1 },
          tolerance: 1e-6,
          answer: { try $0.crossEntropy(z, label).gradient },
          mistakes: [
            .init(
              overflow,
              naive.isFinite
                ? nil
                : Numbers(shape: z.shape, values: exponentials.enumerated().map { $1 / sum - y.values[$0] })),
            .init("the gradient is p - y; yours has the other sign", combined { $1 - $0 }),
            .init("the label is missing: subtract 1 at the label", p),
            .init(
              "the gradient was divided by the number of classes",
              combined { ($0 - $1) / Double(logits.count) }),
            .init(
              "this is the gradient with respect to p; multiplied by the slope of softmax it becomes p - y",
              combined { $1 == 1 ? -1 / $0 : 0 }),
          ]),
      ]
    }
  }

  /// 10: two updates of Adam.
  static let adam = Exercise(name: "Adam") {
    let start = AdamState(
      w: Numbers(shape: [3], values: [1, -2, 0.5]), m: Numbers(zeros: [3]), v: Numbers(zeros: [3]), t: 0)
    let gradients = [[0.1, -0.2, 3], [0.3, 0.1, -1]].map { Numbers(shape: [3], values: $0) }
    func changed(_ update: (AdamState, Numbers, Double) -> AdamState) -> [Numbers] {
      var (state, results): (AdamState, [Numbers]) = (start, [])
      for g in gradients {
        state = update(state, g, 0.01)
        results.append(state.w)
      }
      return results
    }
    let expected = changed(AdamRule().update)
    let mistakes: [(String, AdamRule)] = [
      ("the correction of the first updates is missing", AdamRule(corrects: false)),
      ("epsilon belongs outside the square root", AdamRule(epsilonInRoot: 1e-7)),
      ("v averages the squares of the gradient; yours averages the gradient", AdamRule(squares: false)),
      ("the square root of v is missing", AdamRule(roots: false)),
      ("0.9 and 0.999 were exchanged", AdamRule(beta1: 0.999, beta2: 0.9)),
      ("t counts from 1: increase it before it is used", AdamRule(firstT: 0)),
      ("the step was added; descent subtracts it", AdamRule(sign: 1)),
    ]
    return (0..<gradients.count).map { update in
      Check(
        quantity: "parameters after \(update + 1) update\(update == 0 ? "" : "s") of Adam",
        expected: expected[update], tolerance: 1e-6,
        answer: { answers in
          var state = start
          for g in gradients[0...update] { state = try answers.adam(state, g, 0.01) }
          return state.w
        },
        mistakes: mistakes.map { cause, rule in Check.Mistake(cause, changed(rule.update)[update]) })
    }
  }

  /// 11: central differences.
  static let measuredGradient = Exercise(name: "measured gradient") {
    let w = Numbers(shape: [2, 2], values: [1, -2, 3, 0.5])
    let loss: @Sendable (Numbers) -> Double = { w in
      w[0, 0] * w[0, 0] * w[0, 0] + 2 * w[0, 1] * w[1, 0] + w[1, 1] * w[1, 1] + w[0, 0] * w[1, 1]
    }
    let epsilon = 0.125
    func measured(_ index: Int, above: Double, below: Double, _ distance: Double, from base: Numbers)
      -> Double
    {
      var (high, low) = (base, base)
      high.values[index] += above
      low.values[index] -= below
      return (loss(high) - loss(low)) / distance
    }
    func all(_ above: Double, _ below: Double, _ distance: Double) -> Numbers {
      Numbers(
        shape: w.shape,
        values: w.values.indices.map { measured($0, above: above, below: below, distance, from: w) })
    }
    var (drifted, unrestored): (Numbers, [Double]) = (w, [])
    for index in w.values.indices {
      unrestored.append(measured(index, above: epsilon, below: epsilon, 2 * epsilon, from: drifted))
      drifted.values[index] -= epsilon
    }
    return [
      Check(
        quantity: "measured gradient", expected: all(epsilon, epsilon, 2 * epsilon), tolerance: 1e-9,
        answer: { try $0.measuredGradient(loss, w, epsilon) },
        mistakes: [
          .init("the distance is 2 * epsilon; yours divides by epsilon", all(epsilon, epsilon, epsilon)),
          .init("measure on both sides: at w + epsilon and at w - epsilon", all(epsilon, 0, epsilon)),
          .init("measure on both sides: at w + epsilon and at w - epsilon", all(0, epsilon, epsilon)),
          .init("the difference is not divided by the distance", all(epsilon, epsilon, 1)),
          .init(
            "the changed number was not restored before the next one",
            Numbers(shape: w.shape, values: unrestored)),
          .init("the signs were exchanged: above minus below", all(epsilon, epsilon, -2 * epsilon)),
        ])
    ]
  }
}

/// Adam as Keras and this package have it, with exchangeable parts; a test compares it with the package:
/// `w -= rate * sqrt(1 - beta2^t) / (1 - beta1^t) * m / (sqrt(v) + epsilon)`.
struct AdamRule {
  var beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7, epsilonInRoot = 0.0
  var corrects = true, squares = true, roots = true
  var firstT = 1
  var sign = -1.0

  func update(_ state: AdamState, _ g: Numbers, _ rate: Double) -> AdamState {
    var next = state
    next.t += 1
    let t = Double(next.t - 1 + firstT)
    let correction = corrects ? (1 - pow(beta2, t)).squareRoot() / (1 - pow(beta1, t)) : 1
    for index in g.values.indices {
      let gradient = g.values[index]
      next.m.values[index] = beta1 * state.m.values[index] + (1 - beta1) * gradient
      next.v.values[index] =
        beta2 * state.v.values[index] + (1 - beta2) * (squares ? gradient * gradient : gradient)
      let size = roots ? (next.v.values[index] + epsilonInRoot).squareRoot() : next.v.values[index]
      let divisor = size + (epsilonInRoot > 0 ? 0 : epsilon)
      next.w.values[index] += sign * rate * correction * next.m.values[index] / divisor
    }
    return next
  }
}
