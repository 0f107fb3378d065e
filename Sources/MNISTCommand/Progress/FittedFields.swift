/// Strings side by side within a width: all in full, else all shortened, else fewer.
package struct FittedFields {
  /// A string in up to three lengths, the longest first.
  package struct Field {
    package let forms: [String]
    /// The field with the highest rank is dropped first.
    package let rank: Int

    package init(_ forms: String..., rank: Int) { (self.forms, self.rank) = (forms, rank) }

    func form(_ index: Int) -> String { forms[min(index, forms.count - 1)] }
  }

  /// The shown strings, from left to right.
  package let texts: [String]
  /// The string between two fields.
  package let separator: String

  /// The width in characters.
  package var width: Int { FittedFields.width(texts, separator) }

  /// Chooses among the fields' forms.
  ///
  /// - Parameters:
  ///   - room: the maximum width in characters.
  ///   - separators: the separator for each form of the fields.
  package init(_ fields: [Field], room: Int, separators: [String] = ["  ", "  ", " "]) {
    for (form, separator) in separators.enumerated() {
      let texts = fields.map { $0.form(form) }
      if FittedFields.width(texts, separator) <= room {
        (self.texts, self.separator) = (texts, separator)
        return
      }
    }
    var kept = fields
    while kept.count > 1, FittedFields.width(kept.map { $0.form(2) }, " ") > room {
      let last = kept.indices.max { kept[$0].rank < kept[$1].rank } ?? 0
      kept.remove(at: last)
    }
    texts = kept.map { String($0.form(2).prefix(max(room, 0))) }
    separator = " "
  }

  private static func width(_ texts: [String], _ separator: String) -> Int {
    texts.map(\.count).reduce(0, +) + separator.count * max(texts.count - 1, 0)
  }
}
