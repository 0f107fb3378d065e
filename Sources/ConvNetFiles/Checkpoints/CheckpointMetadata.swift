import ConvNet
import Foundation

/// The part of a checkpoint that is not tensors, beside the entries of its `ModelFile`.
///
///     key                  value
///     checkpoint_format    1
///     checkpoint_sha256    64 hexadecimal digits: the file with zeros in their place
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

  /// The format that is written here, and the only one that is read.
  static let currentFormat = 1

  /// The value of this key in a file's metadata.
  ///
  /// - Throws: `CheckpointError.malformed` when it is missing or no JSON of that type.
  func decode<T: Decodable>(_ type: T.Type, from texts: [String: String]) throws(CheckpointError) -> T {
    guard let text = texts[rawValue] else { throw .malformed(key: rawValue, reason: "is missing") }
    do {
      return try JSONDecoder().decode(type, from: Data(text.utf8))
    } catch {
      throw .malformed(key: rawValue, reason: "is not the JSON that it should be")
    }
  }

  /// Puts a value under this key.
  ///
  /// - Throws: `CheckpointError.malformed` when the value has no JSON: a NaN among numbers.
  func encode(_ value: some Encodable, into texts: inout [String: String]) throws(CheckpointError) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(value) else {
      throw .malformed(key: rawValue, reason: "cannot be written as JSON")
    }
    texts[rawValue] = String(decoding: data, as: UTF8.self)
  }
}
