import ArgumentParser
import MNISTData

/// The data sets by the words of the command line: `mnist` and `fashion`, or the set's own name.
extension MNISTVariant: ExpressibleByArgument {
  /// Takes either name.
  public init?(argument: String) {
    let variant = MNISTVariant.allCases.first { [$0.word, $0.rawValue].contains(argument) }
    guard let variant else { return nil }
    self = variant
  }

  /// The word of the command line.
  public var defaultValueDescription: String { word }

  /// What help and completions show.
  public static var allValueStrings: [String] { allCases.map(\.word) }

  /// What help says of each.
  public static var allValueDescriptions: [String: String] {
    [digits.word: "handwritten digits", fashion.word: "Fashion-MNIST, pieces of clothing"]
  }

  private var word: String {
    switch self {
    case .digits: "mnist"
    case .fashion: "fashion"
    }
  }
}
