/// Texts side by side in the room there is: first all in full, then all shorter, then fewer.
package struct FittedFields {
  /// One text in up to three lengths, the longest first.
  package struct Field {
    package let forms: [String]
    /// 0 for what is dropped last.
    package let rank: Int

    package init(_ forms: String..., rank: Int) { (self.forms, self.rank) = (forms, rank) }

    func form(_ index: Int) -> String { forms[min(index, forms.count - 1)] }
  }

  /// What is shown, from left to right.
  package let texts: [String]
  /// What stands between them.
  package let separator: String

  /// Characters in all.
  package var width: Int { FittedFields.width(texts, separator) }

  /// Chooses among the fields' forms.
  ///
  /// - Parameters:
  ///   - room: characters; never exceeded.
  ///   - separators: what may stand between the fields' first forms, their second ones, and so on.
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
      let least = kept.indices.max { kept[$0].rank < kept[$1].rank } ?? 0
      kept.remove(at: least)
    }
    texts = kept.map { String($0.form(2).prefix(max(room, 0))) }
    separator = " "
  }

  private static func width(_ texts: [String], _ separator: String) -> Int {
    texts.map(\.count).reduce(0, +) + separator.count * max(texts.count - 1, 0)
  }
}
