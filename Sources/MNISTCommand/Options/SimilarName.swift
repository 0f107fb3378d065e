/// Suggestions for mistyped names.
package enum SimilarName {
  /// Returns the nearest of the names; nil if the edit distance exceeds 3 or half the name's length.
  package static func of(_ name: String, among names: [String]) -> String? {
    let distances = names.map { (name: $0, distance: distance(Array(name), Array($0))) }
    guard let nearest = distances.min(by: { $0.distance < $1.distance }) else { return nil }
    return nearest.distance <= max(1, min(3, name.count / 2)) ? nearest.name : nil
  }

  /// The number of characters to insert, remove or replace; swapping two neighbors counts once
  /// (optimal string alignment, Damerau 1964).
  private static func distance(_ a: [Character], _ b: [Character]) -> Int {
    var rows = [Array(0...b.count)]
    for (i, left) in a.enumerated() {
      var row = [i + 1]
      for (j, right) in b.enumerated() {
        var least = min(rows[i][j + 1] + 1, row[j] + 1, rows[i][j] + (left == right ? 0 : 1))
        if i > 0, j > 0, left == b[j - 1], right == a[i - 1] { least = min(least, rows[i - 1][j - 1] + 1) }
        row.append(least)
      }
      rows.append(row)
    }
    return rows[a.count][b.count]
  }
}
