/// The choices that decide a training's bits, by name and in order: options, and what the data were.
///
/// A training may only go on with the same ones. Whoever adds an option that changes what is learned adds it
/// here too; what changes no bit (threads, displays) stays out.
///
///     [["--seed","0"],["--batch-size","32"],["--learning-rate","0.001"],["images","mnist 9f2c..."]]
public struct TrainingSettings: Sendable, Equatable {
  /// One choice.
  public struct Setting: Sendable, Equatable {
    /// How people made the choice, for instance `--seed`.
    public let name: String
    /// What was chosen, as text; numbers with all their digits.
    public let value: String
  }

  /// All choices.
  public private(set) var all: [Setting] = []

  /// No choices yet.
  public init() {}

  /// Adds a choice. A name that is there already gets the new value.
  ///
  /// - Parameter value: anything whose description says all; Swift's floating-point numbers do.
  public mutating func add(_ name: String, _ value: some CustomStringConvertible) {
    all.removeAll { $0.name == name }
    all.append(Setting(name: name, value: value.description))
  }

  /// The choice of that name.
  public subscript(name: String) -> String? { all.first { $0.name == name }?.value }

  /// Where two trainings differ, in the order of this one's choices; a nil value: there is none of that name.
  public func disagreements(with other: TrainingSettings) -> [Disagreement] {
    let names = all.map(\.name) + other.all.map(\.name).filter { self[$0] == nil }
    return names.filter { self[$0] != other[$0] }.map {
      Disagreement(name: $0, saved: self[$0], asked: other[$0])
    }
  }

  /// A choice that a checkpoint was made with, and another one that was asked for now.
  public struct Disagreement: Sendable, Equatable, CustomStringConvertible {
    /// Which choice.
    public let name: String
    /// That of the checkpoint.
    public let saved: String?
    /// That of now.
    public let asked: String?

    /// Both values in words.
    public var description: String {
      "\(name.printable) was \(saved?.printable ?? "not given") and is now \(asked?.printable ?? "not given")"
    }
  }
}

extension TrainingSettings: Codable {
  /// Reads pairs of name and value.
  public init(from decoder: any Decoder) throws {
    for pair in try [[String]](from: decoder) {
      guard pair.count == 2 else {
        throw DecodingError.dataCorrupted(
          .init(codingPath: decoder.codingPath, debugDescription: "a setting is a name and a value"))
      }
      add(pair[0], pair[1])
    }
  }

  /// Writes pairs of name and value.
  public func encode(to encoder: any Encoder) throws {
    try all.map { [$0.name, $0.value] }.encode(to: encoder)
  }
}
