import Im2col
import Testing

/// The snippets of `PaddingRules.md`.
struct PaddingArticleTests {
  @Test func fourRules() throws {
    let transcript = Transcript()
    let print = transcript.print
    // article: begin rules
    let rules: [(String, Padding)] = [
      ("valid     ", .valid),
      ("same      ", .same),
      ("sameExtent", .sameExtent),
      ("explicit  ", .explicit(top: 1, bottom: 1, left: 1, right: 1)),
    ]
    for (name, padding) in rules {
      let rows = try WindowGeometry(
        input: 5, kernel: 4, stride: 2, padding: padding
      ).height
      print(name, rows.before, rows.after, "->", rows.output)
    }
    // article: end
    try Article("Im2col/PaddingRules").expect("rules", printed: transcript)
  }

  @Test func aWindowThatDoesNotFit() throws {
    let transcript = Transcript()
    let print = transcript.print
    // article: begin refused
    do {
      _ = try WindowGeometry(input: 5, kernel: 7, padding: .valid)
    } catch {
      print("\(error)".replacing("; ", with: ";\n"))
    }
    // article: end
    try Article("Im2col/PaddingRules").expect("refused", printed: transcript)
  }
}
