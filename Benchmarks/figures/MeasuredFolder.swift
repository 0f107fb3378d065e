import Foundation

/// The folder of measurements: JSON values, and JSON lines that begin with a `MeasuredHeader`.
package struct MeasuredFolder {
  package static let standard = "Benchmarks/measured"

  let path: String

  package init(path: String) { self.path = path }

  /// Reads one JSON value.
  package func read<Value: Decodable>(_ type: Value.Type, _ name: String) throws -> Value {
    do {
      return try JSONDecoder().decode(type, from: Data(contentsOf: file(name)))
    } catch {
      throw Unreadable(file: file(name), reason: error)
    }
  }

  /// Reads one value per line, without the header.
  package func lines<Value: Decodable>(_ type: Value.Type, _ name: String) throws -> [Value] {
    do {
      return try String(contentsOf: file(name), encoding: .utf8).split(separator: "\n")
        .filter { !$0.hasPrefix(MeasuredHeader.Line.start) }
        .map { try JSONDecoder().decode(type, from: Data($0.utf8)) }
    } catch {
      throw Unreadable(file: file(name), reason: error)
    }
  }

  /// Reads the header of a file of JSON lines.
  package func header(_ name: String) throws -> MeasuredHeader {
    do {
      let text = try String(contentsOf: file(name), encoding: .utf8)
      let line = text.prefix { $0 != "\n" }
      return try JSONDecoder().decode(MeasuredHeader.Line.self, from: Data(line.utf8)).header
    } catch {
      throw Unreadable(file: file(name), reason: error)
    }
  }

  /// Writes a value with sorted keys, so that two measurements can be compared as text.
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
        "\(file.relativePath): \(text) Run figures in the package's folder, or name the folder with --measured."
    }
  }
}

/// How a file of JSON lines was measured, as `Benchmarks/peers/compare.py` writes it into the first line.
package struct MeasuredHeader: Decodable, Sendable {
  /// What measures it again.
  package let command: String
  /// The number of rounds of a comparison, nil in a file of rows of `bench`; likewise the next four.
  package let rounds: Int?
  package let seconds: Double?
  package let threads: Int?
  /// The field of `bench --json` that the rates come from: `images_per_second` or `gflops`.
  package let unit: String?
  /// The versions of the other libraries by name.
  package let peers: [String: String]?
  package let cpu: String
  package let cores: Int
  package let openblas: String
  package let swift: String
  package let commit: String
  package let date: String

  struct Line: Decodable {
    static let start = #"{"header""#
    let header: MeasuredHeader
  }
}
