import ConvNet
import Im2col
import Testing

@Suite("Warm start")
struct WarmStartTests {
  @Test("arrays of the same name and shape are replaced, and the others named")
  func matches() throws {
    let source = try Model(
      inputShape: [6],
      layers: [.dense(units: 4, name: "a"), .dense(units: 3, name: "b"), .dense(units: 2, name: "c")], seed: 1
    )
    let target = try Model(
      inputShape: [6],
      layers: [.dense(units: 4, name: "a"), .dense(units: 5, name: "b"), .dense(units: 2, name: "d")], seed: 2
    )
    let before = target.parameterTensors
    let match = try target.setMatchingParameters(source.parameterTensors)
    #expect(match.matched == ["a.kernel", "a.bias"] && match.missing == ["d.kernel", "d.bias"])
    #expect(match.otherShape == ["b.kernel", "b.bias"] && match.unused == ["c.bias", "c.kernel"])
    #expect(target.parameterTensors[0] == source.parameterTensors[0])
    #expect(target.parameterTensors.dropFirst(2) == before.dropFirst(2))
    #expect(
      "\(match)"
        == "2 of 6 parameter arrays; missing: d.kernel, d.bias; of another shape: b.kernel, b.bias; "
        + "not used: c.bias, c.kernel")
  }
}
