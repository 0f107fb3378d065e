import Foundation

/// Where measurements are kept, as JSON or as a JSON object a line.
struct MeasuredFolder {
  static let standard = "Benchmarks/measured"

  let path: String

  /// Reads one JSON value.
  func read<Value: Decodable>(_ type: Value.Type, _ name: String) throws -> Value {
    do {
      return try JSONDecoder().decode(type, from: Data(contentsOf: file(name)))
    } catch {
      throw Unreadable(file: file(name), reason: error)
    }
  }

  /// Reads a value a line.
  func lines<Value: Decodable>(_ type: Value.Type, _ name: String) throws -> [Value] {
    do {
      return try String(contentsOf: file(name), encoding: .utf8).split(separator: "\n")
        .map { try JSONDecoder().decode(type, from: Data($0.utf8)) }
    } catch {
      throw Unreadable(file: file(name), reason: error)
    }
  }

  /// Writes a value, keys sorted, so that measurements can be compared as text.
  func write(_ value: some Encodable, _ name: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    try FileManager.default.createDirectory(
      at: URL(fileURLWithPath: path), withIntermediateDirectories: true)
    try (encoder.encode(value) + Data("\n".utf8)).write(to: file(name), options: .atomic)
    print(file(name).relativePath)
  }

  private func file(_ name: String) -> URL {
    URL(fileURLWithPath: path).appendingPathComponent(name)
  }

  struct Unreadable: Error, CustomStringConvertible {
    let file: URL
    let reason: any Error

    var description: String {
      let text = reason is DecodingError ? "\(reason)" : reason.localizedDescription
      return
        "\(file.relativePath): \(text) Run it in the package's folder, or name the folder with --measured."
    }
  }
}
