import ConvNetFiles
import Foundation
import Im2col
import Im2colReference
import Testing

/// The inputs and expected outputs of the course. The file is not part of the package.
enum Curriculum {
  static let folder = ProcessInfo.processInfo.environment["CURRICULUM_DIR"]

  /// Whether `CURRICULUM_DIR` is set to the folder of `curriculum.safetensors`, which these tests require.
  static let isAvailable = folder != nil

  static func file() throws -> SafetensorsFile {
    try SafetensorsFile(contentsOf: (folder ?? "") + "/curriculum.safetensors")
  }

  static func tensor(_ name: String) throws -> Tensor {
    guard let tensor = try file()[name] else {
      throw ConformanceCase.MissingTensor(description: "the curriculum has no \(name)")
    }
    return tensor
  }
}
