/// How a log's rows are written; both from the same columns.
///
///     seed,epoch,loss,accuracy,...            {"seed":0,"epoch":1,"loss":0.18,"accuracy":0.943,...}
///     0,1,0.18,0.943,...
package enum LogFormat: String, Sendable, CaseIterable {
  /// Comma-separated values under a header; what is not known is an empty cell.
  case csv
  /// One JSON object a line; what is not known is left out.
  case jsonl

  /// The format that a file's name ends in; nil where it ends otherwise.
  package init?(path: String) {
    guard let format = Self.allCases.first(where: { path.lowercased().hasSuffix("." + $0.rawValue) })
    else { return nil }
    self = format
  }

  /// The first row of a file.
  func header(_ columns: [String]) -> String? {
    self == .csv ? columns.joined(separator: ",") : nil
  }

  /// A row of numbers, which read the same in both formats; nil for what is not known.
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
