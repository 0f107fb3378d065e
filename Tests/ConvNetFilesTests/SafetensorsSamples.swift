import ConvNetFiles
import Foundation
import Im2col

/// The bytes of a file.
func contents(_ path: String) throws -> [UInt8] {
  [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
}

/// A safetensors file with the given header and `data` zero bytes.
func safetensors(header: [UInt8], data: Int) -> [UInt8] {
  (0..<8).map { UInt8(truncatingIfNeeded: header.count >> (8 * $0)) } + header
    + [UInt8](repeating: 0, count: data)
}

/// Tensors of ranks 0 to 4, two of them empty, with names that need escaping.
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
