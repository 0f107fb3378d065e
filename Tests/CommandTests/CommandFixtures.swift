import Foundation
import Testing

/// The output of the commands at commit 1ea83b6; see the README in its folder.
enum CommandFixtures {
  static let folder = Bundle.module.bundleURL.appendingPathComponent("Fixtures/1ea83b6").path

  static func path(_ name: String) -> String { "\(folder)/\(name)" }

  static func text(_ name: String) throws -> String {
    try String(contentsOfFile: path(name), encoding: .utf8)
  }

  /// The lines of a file as JSON.
  static func rows(_ name: String) throws -> [JSON] { try JSON.rows(text(name)) }

  /// The options of the fixtures' runs: the first with a cosine schedule and validation, the
  /// second with steps and without validation. Together they use every option that a checkpoint records.
  static func training(_ name: String, data: SmallMNIST) -> [String] {
    let common =
      ["train", "--data", data.path] + words("--batch-size 16 --seed 7 --threads 1 --quiet --json")
    let options =
      name == "cosine"
      ? """
      --validation 100 --epochs 3 --learning-rate 0.0006 --schedule cosine --warmup-epochs 1 --weight-decay 0.05 \
      --shift 1 --dropout 0.25 --patience 3 --monitor validation-accuracy
      """
      : "--validation 0 --limit 100 --scale 256 --epochs 3 --schedule step --step-epochs 2 --step-factor 0.5"
    return common + words(options)
  }

  private static func words(_ line: String) -> [String] { line.split(separator: " ").map(String.init) }
}

/// Any JSON value, for comparisons.
indirect enum JSON: Decodable, Hashable {
  case null, flag(Bool), number(Double), text(String), list([JSON]), object([String: JSON])

  init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    if value.decodeNil() {
      self = .null
    } else if let flag = try? value.decode(Bool.self) {
      self = .flag(flag)
    } else if let number = try? value.decode(Double.self) {
      self = .number(number)
    } else if let text = try? value.decode(String.self) {
      self = .text(text)
    } else if let list = try? value.decode([JSON].self) {
      self = .list(list)
    } else {
      self = .object(try value.decode([String: JSON].self))
    }
  }

  init(_ text: String) throws { self = try JSONDecoder().decode(JSON.self, from: Data(text.utf8)) }

  /// The lines of a text, one JSON value each.
  static func rows(_ text: String) throws -> [JSON] {
    try text.split(separator: "\n").map { try JSON(String($0)) }
  }

  /// The member of that name; nil if there is none, or this is not an object.
  subscript(name: String) -> JSON? {
    if case .object(let members) = self { members[name] } else { nil }
  }

  var members: [String: JSON] {
    if case .object(let members) = self { members } else { [:] }
  }

  /// Whether two values are of the same kind: objects with the same members, lists with the same kinds of
  /// elements.
  ///
  /// Empty lists are like all lists, and null in a list is like any element: an undefined recall.
  func isLike(_ other: JSON) -> Bool {
    switch (self, other) {
    case (.null, .null), (.flag, .flag), (.number, .number), (.text, .text): return true
    case (.list(let one), .list(let other)):
      let (one, other) = (one.filter { $0 != .null }, other.filter { $0 != .null })
      if one.isEmpty || other.isEmpty { return true }
      return one.allSatisfy { element in other.contains { $0.isLike(element) } }
        && other.allSatisfy { element in one.contains { $0.isLike(element) } }
    case (.object(let one), .object(let other)):
      return one.keys == other.keys && one.allSatisfy { name, value in other[name]?.isLike(value) == true }
    default: return false
    }
  }
}

/// Compares rows with those of a fixture.
func expect(_ rows: [JSON], like fixture: [JSON], sourceLocation: SourceLocation = #_sourceLocation) {
  #expect(rows.count == fixture.count, sourceLocation: sourceLocation)
  for (row, expected) in zip(rows, fixture) {
    #expect(row.isLike(expected), sourceLocation: sourceLocation)
  }
}
