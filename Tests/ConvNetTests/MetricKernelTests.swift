import CKernels
import Im2colReference
import Testing

@Suite("Metric kernels")
struct MetricKernelTests {
  @Test("top-k agrees with sorting, ties by the smaller index", arguments: [1, 2, 5, 7])
  func topK(_ k: Int) {
    var random = SplitMix64(seed: 51)
    let (rows, classes) = (200, 7)
    // Small integers, so that ties are frequent.
    let values = (0..<rows * classes).map { _ in Float(random.roll(-2...2)) }
    var targets = [Float](repeating: 0, count: rows * classes)
    var expected: Int64 = 0
    for row in 0..<rows {
      let label = random.roll(0...classes - 1)
      targets[row * classes + label] = 1
      let of = values[row * classes..<(row + 1) * classes]
      let order = (0..<classes).sorted {
        let (a, b) = (of[of.startIndex + $0], of[of.startIndex + $1])
        return a > b || (a == b && $0 < $1)
      }
      expected += order.prefix(k).contains(label) ? 1 : 0
    }
    #expect(ckernels_top_correct(Int64(rows), Int64(classes), Int64(k), values, targets) == expected)
    if k == 1 { #expect(ckernels_correct(Int64(rows), Int64(classes), values, targets) == expected) }
    if k == classes { #expect(expected == rows) }
  }

  @Test("a NaN is never correct, and precedes every number")
  func notANumber() {
    #expect(ckernels_top_correct(1, 3, 3, [.nan, 1, 2], [1, 0, 0]) == 0)
    #expect(ckernels_top_correct(1, 3, 1, [.nan, 1, 2], [0, 0, 1]) == 0)
    #expect(ckernels_top_correct(1, 3, 2, [.nan, 1, 2], [0, 0, 1]) == 1)
    #expect(ckernels_binary_correct(2, [.nan, .nan], [0, 1], 0) == 0)
    #expect(ckernels_absolute_error(2, [.nan, 1], [0, 1]).isNaN)
  }

  @Test("binary correct, for logits and for probabilities")
  func binary() {
    let targets: [Float] = [0, 1, 0, 1, 0.5, 1]
    #expect(ckernels_binary_correct(6, [-1, 2, 3, -4, 0, .infinity], targets, 0) == 4)
    #expect(ckernels_binary_correct(6, [0.25, 0.75, 0.75, 0.5, 0.5, 1], targets, 0.5) == 4)
    #expect(ckernels_binary_correct(0, [0], [0], 0) == 0)
  }

  @Test("the absolute error is summed in double")
  func absoluteError() {
    #expect(ckernels_absolute_error(4, [1, -2, 3, 0.5], [2, 2, 3, 0]) == 5.5)
    #expect(ckernels_absolute_error(3, [0x1p30, 1, 1], [0, 0, 0]) == 0x1p30 + 2)
  }
}
