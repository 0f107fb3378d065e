import ConvNetFiles
import Foundation
import Im2col
import Im2colReference
import Testing

/// The course's own inputs and answers; the file is not part of the package.
enum Curriculum {
  static let folder = ProcessInfo.processInfo.environment["CURRICULUM_DIR"]

  /// Set `CURRICULUM_DIR` to the folder that holds `curriculum.safetensors`; without it these tests are skipped.
  static let isThere = folder != nil

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
