import ArgumentParser
import MNISTData

/// The data sets as command-line values: `mnist` and `fashion`, or the data set's own name.
extension MNISTVariant: ExpressibleByArgument {
  /// Accepts both names.
  public init?(argument: String) {
    let variant = MNISTVariant.allCases.first { [$0.word, $0.rawValue].contains(argument) }
    guard let variant else { return nil }
    self = variant
  }

  /// The command-line value.
  public var defaultValueDescription: String { word }

  /// The values shown in help and completions.
  public static var allValueStrings: [String] { allCases.map(\.word) }

  /// The description of each value in help.
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
