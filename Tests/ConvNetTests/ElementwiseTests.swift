import CKernels
import Im2colReference
import Testing

@Suite("Elementwise sums")
struct ElementwiseTests {
  @Test("f(a + b) of integers, into either operand", arguments: [0, 1, 15, 16, 1_024, 2_061])
  func add(_ count: Int) {
    var random = SplitMix64(seed: 21)
    let a = random.integers([count]).scalars.map(Float.init),
      b = random.integers([count]).scalars.map(Float.init)
    let functions: [(ckernels_activation, (Float) -> Float)] = [
      (ckernels_activation(function: ckernels_identity, a: 0, b: 0), { $0 }),
      (ckernels_activation(function: ckernels_relu, a: 0, b: 0), { max($0, 0) }),
      (ckernels_activation(function: ckernels_clip, a: -7, b: 9), { min(max($0, -7), 9) }),
    ]
    for (activation, value) in functions {
      let expected = zip(a, b).map { value($0 + $1) }
      var out = [Float](repeating: .nan, count: count)
      ckernels_add(Int64(count), a, b, activation, &out)
      #expect(out == expected)
      for (operand, isFirst) in [(a, true), (b, false)] {
        var inPlace = operand
        inPlace.withUnsafeMutableBufferPointer { same in
          if isFirst {
            ckernels_add(Int64(count), same.baseAddress, b, activation, same.baseAddress)
          } else {
            ckernels_add(Int64(count), a, same.baseAddress, activation, same.baseAddress)
          }
        }
        #expect(inPlace == expected)
      }
    }
    var total = a
    ckernels_accumulate(Int64(count), b, &total)
    #expect(total == zip(a, b).map { $0 + $1 })
  }
}
