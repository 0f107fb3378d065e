import Foundation
import Im2col
import Im2colReference
import Testing

@Suite("Activations in files")
struct ActivationCodingTests {
  private static func encoded(_ activation: Activation) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    return String(decoding: try encoder.encode([activation]), as: UTF8.self)
  }

  private static func decoded(_ json: String) throws -> Activation {
    try JSONDecoder().decode([Activation].self, from: Data(json.utf8))[0]
  }

  /// The first five are those of version 0.1.0.
  static let texts: [(String, Activation)] = [
    (#"["identity"]"#, .identity), (#"["relu"]"#, .relu), (#"["tanh"]"#, .tanh), (#"["sigmoid"]"#, .sigmoid),
    (#"["softmax"]"#, .softmax), (#"["relu6"]"#, .relu6), (#"["hardSigmoid"]"#, .hardSigmoid),
    (#"["hardSwish"]"#, .hardSwish), (#"["softplus"]"#, .softplus),
    (#"[{"leakyRelu":0.125}]"#, .leakyRelu(slope: 0.125)), (#"[{"elu":1}]"#, .elu()),
    (#"[{"clip":{"max":1.5,"min":-1}}]"#, .clip(min: -1, max: 1.5)),
    (#"[{"clip":{"max":6}}]"#, .clip(max: 6)),
    (#"[{"clip":{}}]"#, .clip()),
  ]

  @Test("are strings, and objects with one key for parameters", arguments: texts)
  func coded(_ text: String, _ activation: Activation) throws {
    #expect(try Self.encoded(activation) == text)
    #expect(try Self.decoded(text) == activation)
  }

  @Test("return unchanged", arguments: LoopNestActivations.samples)
  func roundTrip(_ activation: Activation) throws {
    #expect(try Self.decoded(try Self.encoded(activation)) == activation)
  }

  @Test(
    "that make no sense are refused",
    arguments: [
      (#"["swish"]"#, "unknown activation \"swish\""),
      (#"[{"leakyRelu":-1}]"#, "the slope of a leaky ReLU is -1.0; it must be finite and not negative"),
      (#"[{"elu":-0.5}]"#, "the alpha of an ELU is -0.5; it must be finite and not negative"),
      (
        #"[{"clip":{"min":2,"max":1}}]"#,
        "a clip has the bounds 2.0 and 1.0; the first must not exceed the second"
      ),
      (#"[{}]"#, "an activation is a string, or an object with one of the keys leakyRelu, elu, clip"),
      (
        #"[{"elu":1,"leakyRelu":1}]"#,
        "an activation is a string, or an object with one of the keys leakyRelu, elu, clip"
      ),
    ])
  func refused(_ text: String, _ message: String) {
    #expect {
      try Self.decoded(text)
    } throws: { error in
      guard case DecodingError.dataCorrupted(let context) = error else { return false }
      return context.debugDescription == message
    }
  }
}
