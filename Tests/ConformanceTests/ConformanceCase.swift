import ConvNetFiles
import Foundation
import Im2col
import Im2colReference

/// One case of `cases.json`: settings, and the names of its tensors in `cases.safetensors`.
///
/// TensorFlow computed every expected value in float64 from float32 inputs; it is stored as float32.
struct ConformanceCase: Decodable, Sendable, CustomStringConvertible {
  let id: String
  let op: String
  private let stride: [Int]?
  private let dilation: [Int]?
  private let kernel: [Int]?
  private let padding: PaddingField?
  let groups: Int?
  let mode: String?
  let learning_rate, beta1, beta2, epsilon: Float?
  private let tensors: [String: String]

  /// `"same"`, `"valid"`, or `[top, bottom, left, right]`.
  private enum PaddingField: Decodable, Sendable {
    case rule(Padding)

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let sides = try? container.decode([Int].self), sides.count == 4 {
        self = .rule(.explicit(top: sides[0], bottom: sides[1], left: sides[2], right: sides[3]))
        return
      }
      switch try container.decode(String.self) {
      case "same": self = .rule(.same)
      case "valid": self = .rule(.valid)
      case let other:
        throw DecodingError.dataCorruptedError(in: container, debugDescription: "padding \(other)")
      }
    }
  }

  var description: String { id }

  var strideSize: Size2D { size(stride) }
  var dilationSize: Size2D { size(dilation) }
  var windowSize: Size2D { size(kernel) }
  var paddingRule: Padding {
    if case .rule(let rule)? = padding { rule } else { .valid }
  }

  private func size(_ pair: [Int]?) -> Size2D {
    guard let pair, pair.count == 2 else { return 1 }
    return Size2D(height: pair[0], width: pair[1])
  }

  /// Returns the tensor with a role in this case.
  func tensor(_ role: String) throws -> Tensor {
    guard let name = tensors[role], let tensor = try Fixtures.tensors.get()[name] else {
      throw MissingTensor(description: "\(id) has no tensor \"\(role)\"")
    }
    return tensor
  }

  struct MissingTensor: Error, CustomStringConvertible { let description: String }
}

/// The fixtures of this test target, read once.
enum Fixtures {
  static let cases: Result<[ConformanceCase], any Error> = Result {
    try JSONDecoder().decode([ConformanceCase].self, from: Data(contentsOf: url("cases.json")))
  }

  static let tensors: Result<SafetensorsFile, any Error> = Result {
    try SafetensorsFile(contentsOf: url("cases.safetensors").path)
  }

  /// Returns the cases of an operation, or none if the file cannot be read, which `counts()` reports.
  static func cases(of op: String) -> [ConformanceCase] {
    ((try? cases.get()) ?? []).filter { $0.op == op }
  }

  private static func url(_ name: String) -> URL {
    Bundle.module.bundleURL.appendingPathComponent("Fixtures").appendingPathComponent(name)
  }
}

extension SumsOfProducts {
  /// The tolerance for expected values that are stored in float32: the error bound of the sums plus half a
  /// unit in the last place of the stored value.
  func bounds(storedAs expected: Tensor) -> Tolerance {
    .each(zip(bounds, expected.scalars).map { $0 + ErrorBound.ofStorage(Double($1)) })
  }
}
