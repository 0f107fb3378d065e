import ArgumentParser
import MNISTData

/// The data sets as command-line values: `digits` and `fashion`, or the data set's own name.
extension MNISTVariant: ExpressibleByArgument {
  /// Accepts both names.
  public init?(argument: String) {
    let variant = MNISTVariant.allCases.first {
      [$0.defaultValueDescription, $0.rawValue].contains(argument)
    }
    guard let variant else { return nil }
    self = variant
  }

  /// The command-line value.
  public var defaultValueDescription: String {
    switch self {
    case .digits: "digits"
    case .fashion: "fashion"
    }
  }

  /// The values shown in help and completions.
  public static var allValueStrings: [String] { allCases.map(\.defaultValueDescription) }

  /// The description of each value in help.
  public static var allValueDescriptions: [String: String] {
    [
      digits.defaultValueDescription: "MNIST, handwritten digits",
      fashion.defaultValueDescription: "Fashion-MNIST, pieces of clothing",
    ]
  }

  /// The name in titles and messages.
  var title: String {
    switch self {
    case .digits: "MNIST"
    case .fashion: "Fashion-MNIST"
    }
  }
}
