/// The settings that determine the bits of a training run, by name and in order: options, and the digest of
/// the data.
///
/// A run resumes only with equal settings. Every new option that changes a bit must be added; options
/// that do not (threads, displays) must not.
///
///     [["--seed","0"],["--batch-size","32"],["--learning-rate","0.001"],["images","mnist 9f2c..."]]
public struct TrainingSettings: Sendable, Equatable {
  /// One setting.
  public struct Setting: Sendable, Equatable {
    /// The name, for example `--seed`.
    public let name: String
    /// The value as text; numbers with all their digits.
    public let value: String
  }

  /// All settings.
  public private(set) var all: [Setting] = []

  /// Creates empty settings.
  public init() {}

  /// Adds a setting, or moves an existing one to the end with the new value.
  ///
  /// - Parameter value: a value with an exact description, which Swift's floating-point numbers have.
  public mutating func add(_ name: String, _ value: some CustomStringConvertible) {
    all.removeAll { $0.name == name }
    all.append(Setting(name: name, value: value.description))
  }

  /// The value of a setting, or nil.
  public subscript(name: String) -> String? { all.first { $0.name == name }?.value }

  /// The settings that differ, in this value's order.
  public func disagreements(with other: TrainingSettings) -> [Disagreement] {
    let names = all.map(\.name) + other.all.map(\.name).filter { self[$0] == nil }
    return names.filter { self[$0] != other[$0] }.map {
      Disagreement(name: $0, saved: self[$0], current: other[$0])
    }
  }

  /// A setting whose value in the checkpoint differs from the current one.
  public struct Disagreement: Sendable, Equatable, CustomStringConvertible {
    /// The name.
    public let name: String
    /// The value in the checkpoint; nil if it has none.
    public let saved: String?
    /// The current value; nil if there is none.
    public let current: String?

    /// The name and both values.
    public var description: String {
      "\(name.printable) was \(saved?.printable ?? "not given") and is now \(current?.printable ?? "not given")"
    }
  }
}

extension TrainingSettings: Codable {
  /// Decodes pairs of name and value.
  public init(from decoder: any Decoder) throws {
    for pair in try [[String]](from: decoder) {
      guard pair.count == 2 else {
        throw DecodingError.dataCorrupted(
          .init(codingPath: decoder.codingPath, debugDescription: "a setting is a name and a value"))
      }
      add(pair[0], pair[1])
    }
  }

  /// Encodes pairs of name and value.
  public func encode(to encoder: any Encoder) throws {
    try all.map { [$0.name, $0.value] }.encode(to: encoder)
  }
}
