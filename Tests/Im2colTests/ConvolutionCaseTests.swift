import Im2col
import Im2colReference
import Testing

@Suite struct ConvolutionCaseTests {
  static let cases = (0..<2000).map { ConvolutionCase(seed: UInt64($0)) }

  @Test("A seed always gives the same case and the same numbers")
  func deterministic() {
    for seed in [0, 1, 77, UInt64.max] {
      let (one, other) = (ConvolutionCase(seed: seed), ConvolutionCase(seed: seed))
      #expect(one.description == other.description)
      #expect(one.geometry == other.geometry)
      #expect(one.integers().input == other.integers().input)
      #expect(one.reals().kernel == other.reals().kernel)
    }
    // Known numbers of SplitMix64 with seed 0, equal on all platforms.
    var random = SplitMix64(seed: 0)
    #expect([random.next(), random.next()] == [0xe220_a839_7b1d_cdaf, 0x6e78_9e6a_a1b9_65f4])
  }

  @Test("The whole range occurs")
  func range() {
    let cases = Self.cases
    func drawn(_ what: String, _ expected: ClosedRange<Int>, _ value: (ConvolutionCase) -> Int) {
      let values = Set(cases.map(value))
      #expect(
        values.min() == expected.lowerBound && values.max() == expected.upperBound, "\(what): \(values)")
    }
    drawn("batch", 0...5) { $0.geometry.batch }
    drawn("input channels", 1...33) { $0.geometry.inputChannels }
    drawn("output channels", 1...33) { $0.geometry.outputChannels }
    drawn("height", 1...40) { $0.geometry.window.height.input }
    drawn("width", 1...40) { $0.geometry.window.width.input }
    drawn("kernel height", 1...7) { $0.geometry.window.height.kernel }
    drawn("kernel width", 1...7) { $0.geometry.window.width.kernel }
    drawn("stride", 1...4) { $0.stride.height }
    drawn("dilation", 1...3) { $0.dilation.width }
    drawn("workers", 1...3) { $0.workers }
    #expect(cases.allSatisfy { (4096...1 << 20).contains($0.scratchBytes) })
    #expect(cases.allSatisfy { $0.geometry.pixels * $0.geometry.patchLength <= 500_000 })
  }

  @Test("Rare properties occur often enough")
  func frequencies() {
    func occurs(_ what: String, _ minimum: Double, _ holds: (ConvolutionGeometry) -> Bool) {
      let count = Self.cases.filter { holds($0.geometry) }.count
      #expect(Double(count) >= minimum * Double(Self.cases.count), "\(what): \(count) of \(Self.cases.count)")
    }
    occurs("K > 320", 0.05) { $0.patchLength > 320 }
    occurs("depthwise", 0.1) { $0.isDepthwise }
    occurs("grouped, not depthwise", 0.1) { $0.groups > 1 && !$0.isDepthwise }
    occurs("pointwise", 0.01) { $0.isPointwise }
    occurs("padding as wide as the kernel", 0.05) {
      $0.window.height.before >= $0.window.height.extent || $0.window.width.before >= $0.window.width.extent
    }
    occurs("asymmetric padding", 0.15) { $0.window.height.before != $0.window.height.after }
    occurs("dilation 3", 0.1) { $0.window.height.dilation == 3 && $0.window.height.kernel > 1 }
    occurs("empty batch", 0.01) { $0.batch == 0 }
    occurs("stride beyond the kernel", 0.05) { $0.window.width.stride > $0.window.width.extent }
  }

  @Test("The description contains the seed and every size")
  func text() {
    let text = ConvolutionCase(seed: 12).description
    for words in [
      "seed 12:", "mb", "ic", "ih", "iw", "oc", "_kh", "kw", "_sh", "_dh", "_pt", "scratch", "workers",
    ] {
      #expect(text.contains(words), "\(words) in \(text)")
    }
  }

  @Test("Sums of integers are exact at any length")
  func exactness() {
    for test in Self.cases.prefix(60) {
      let results = test.integers().results(test.geometry)
      #expect(results.all.allSatisfy { $0.areExactInFloat }, "\(test)")
    }
  }
}
