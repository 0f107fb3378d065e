/// The format of a log's rows, both with the same columns.
///
///     seed,epoch,loss,accuracy,...            {"seed":0,"epoch":1,"loss":0.18,"accuracy":0.943,...}
///     0,1,0.18,0.943,...
package enum LogFormat: String, Sendable, CaseIterable {
  /// Comma-separated values with a header; an unknown value is an empty cell.
  case csv
  /// One JSON object per line; an unknown value is omitted.
  case jsonl

  /// The format given by the extension of a file's name; nil for another extension.
  package init?(path: String) {
    guard let format = Self.allCases.first(where: { path.lowercased().hasSuffix("." + $0.rawValue) })
    else { return nil }
    self = format
  }

  /// The first row of a file; nil if there is none.
  func header(_ columns: [String]) -> String? {
    self == .csv ? columns.joined(separator: ",") : nil
  }

  /// A row of numbers, formatted alike in both formats; nil for an unknown value.
  func row(_ columns: [String], _ numbers: [String?]) -> String {
    switch self {
    case .csv:
      numbers.map { $0 ?? "" }.joined(separator: ",")
    case .jsonl:
      "{"
        + zip(columns, numbers).compactMap { name, number in number.map { "\"\(name)\":\($0)" } }
        .joined(separator: ",") + "}"
    }
  }
}
