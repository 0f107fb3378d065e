import ConvNet
import Foundation

/// The keys of a checkpoint's metadata, in addition to those of its `ModelFile`.
///
///     key                  value
///     checkpoint_format    1
///     checkpoint_sha256    64 hexadecimal digits: of the file with zeros in their place
///     seed                 0
///     optimizer            {"adam":{"_0":{"beta1":0.9,...}}}
///     optimizer_updates    2375
///     progress             {"epochs":[[...]],"batch":812,"running":[...],"seconds":0.5}
///     settings             [["--seed","0"],...]
///     fingerprint          {"products":"...","training":"..."}
enum CheckpointKey: String, CaseIterable {
  case format = "checkpoint_format"
  case digest = "checkpoint_sha256"
  case seed
  case optimizer
  case updates = "optimizer_updates"
  case progress
  case settings
  case fingerprint

  /// The version of the format that is written, and the only one that is read.
  static let currentFormat = 1

  /// Decodes this key's value in a file's metadata.
  ///
  /// - Throws: `CheckpointError.malformed` when it is missing or is not JSON of that type.
  func decode<T: Decodable>(_ type: T.Type, from metadata: [String: String]) throws(CheckpointError) -> T {
    guard let text = metadata[rawValue] else { throw .malformed(key: rawValue, reason: "is missing") }
    do {
      return try JSONDecoder().decode(type, from: Data(text.utf8))
    } catch {
      throw .malformed(key: rawValue, reason: "is not the expected JSON")
    }
  }

  /// Encodes a value for this key.
  ///
  /// - Throws: `CheckpointError.malformed` when the value cannot be encoded as JSON, such as NaN.
  func encode(_ value: some Encodable, into metadata: inout [String: String]) throws(CheckpointError) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(value) else {
      throw .malformed(key: rawValue, reason: "cannot be encoded as JSON")
    }
    metadata[rawValue] = String(decoding: data, as: UTF8.self)
  }
}
