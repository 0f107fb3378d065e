import ConvNetFiles
import Foundation
import Im2col

/// A small generator (Steele, Lea and Flood, OOPSLA 2014), so that a printed seed repeats a failure.
struct SplitMix64: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// A folder of its own for a test, removed with everything in it at the end.
final class TemporaryFolder {
  let path: String

  init() throws {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent(
      "ConvNetFiles-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    path = url.path
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { path + "/" + name }

  var names: [String] {
    get throws { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }
  }
}

func contents(_ path: String) throws -> [UInt8] {
  [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
}

/// A safetensors file put together by hand: any header, any amount of data.
func safetensors(header: [UInt8], data: Int) -> [UInt8] {
  (0..<8).map { UInt8(truncatingIfNeeded: header.count >> (8 * $0)) } + header
    + [UInt8](repeating: 0, count: data)
}

/// Tensors of every rank from 0 to 4, two of them empty, under names that need care.
func sampleFile() throws -> SafetensorsFile {
  func tensor(_ shape: [Int], _ start: Float) throws -> Tensor {
    let count = shape.reduce(1, *)
    return try Tensor(shape: shape, scalars: (0..<count).map { start + Float($0) / 4 })
  }
  return try SafetensorsFile(
    [
      ("conv1.kernel", tensor([3, 2, 1, 5], -3)), ("empty", tensor([0, 7], 0)), ("scale", tensor([], 1)),
      ("conv1.bias", tensor([5], .leastNonzeroMagnitude)), ("größe/高さ 🖼", tensor([2, 3], -0.0)),
      ("a \"quoted\\name\"\n", tensor([1, 2, 3], 1e30)), ("empty.too", tensor([2, 0, 3], 0)),
      ("", tensor([1], 7)),
    ],
    metadata: ["format": "test", "layers": #"[{"kind":"conv"}]"#, "Zeichen": "ä\t\u{1}\u{7F}\\"])
}

/// The name of an error's case, for tests that check which rule was applied.
func kind(of error: SafetensorsError) -> String {
  Mirror(reflecting: error).children.first?.label ?? "\(error)"
}
