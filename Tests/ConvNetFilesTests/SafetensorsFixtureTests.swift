import ConvNetFiles
import Foundation
import Testing

/// A file that Python wrote, with the conformance cases that TensorFlow computed.
@Suite struct SafetensorsFixtureTests {
  private struct Case: Decodable {
    let id: String
    let tensors: [String: String]
  }

  private let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("ConformanceTests/Fixtures")

  @Test func everyTensorOfEveryCaseIsRead() throws {
    let file = try SafetensorsFile(contentsOf: folder.appendingPathComponent("cases.safetensors").path)
    let list = try Data(contentsOf: folder.appendingPathComponent("cases.json"))
    let cases = try JSONDecoder().decode([Case].self, from: list)
    #expect(cases.count == 81)
    #expect(file.metadata["producer"]?.hasPrefix("tensorflow") == true)

    let names = cases.flatMap(\.tensors.values)
    #expect(Set(names) == Set(file.entries.map(\.name)))
    #expect(file.entries.count == 519)
    for entry in file.entries {
      #expect(entry.tensor.count == entry.tensor.shape.reduce(1, *), "\(entry.name)")
    }
    for item in cases where item.id.hasPrefix("conv") {
      for role in ["x", "kernel", "z", "dz", "dx", "dkernel"] {
        let name = try #require(item.tensors[role], "\(item.id) \(role)")
        #expect(file[name]?.shape.count == 4, "\(name)")
      }
    }
  }

  @Test func encodingAgainKeepsEveryByteOfTheData() throws {
    let original = try contents(folder.appendingPathComponent("cases.safetensors").path)
    let file = try SafetensorsFile(decoding: original)
    let size = file.entries.reduce(0) { $0 + $1.tensor.count * 4 }
    #expect(try file.encoded().suffix(size) == original.suffix(size))
  }
}
