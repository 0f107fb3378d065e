import Foundation
import Testing

/// What holds for all articles: every snippet is compiled, every picture is shown, code fits the page.
struct CatalogTests {
  @Test func everySwiftBlockIsASnippetOfATest() throws {
    let sources = try [Package.tests, Package.solutions].flatMap {
      try FileManager.default.contentsOfDirectory(at: $0, includingPropertiesForKeys: nil)
    }.filter { $0.pathExtension == "swift" }
    let snippets = Set(try sources.flatMap { try Snippet.all(in: $0).values })
    for article in try Article.all() {
      for block in article.blocks where block.language == "swift" {
        #expect(snippets.contains(block.text), "\(article) shows code that no test compiles:\n\(block.text)")
      }
    }
  }

  /// At 1280 pixels DocC shows about 73 columns of a code block and hides the rest.
  @Test func codeFitsTheColumnOfDocC() throws {
    for article in try Article.all() {
      for line in article.blocks.flatMap({ $0.text.split(separator: "\n") }) {
        #expect(line.count <= 72, "\(article) has a line of \(line.count) columns, more than 72: \(line)")
      }
    }
  }

  @Test func everyPictureExistsAndIsShown() throws {
    for catalog in Package.catalogs {
      let files = try FileManager.default.contentsOfDirectory(at: catalog, includingPropertiesForKeys: nil)
      let pictures = Set(files.filter { $0.pathExtension == "svg" }.map(\.lastPathComponent))
      let articles = try files.filter { $0.pathExtension == "md" }.map(Article.init(file:))
      var shown: Set<String> = []
      for article in articles {
        for match in article.text.matches(of: /!\[([^\]]*)\]\(([^)]*)\)/) {
          #expect(!match.1.isEmpty, "\(article): \(match.2) has no alternative text")
          shown.insert(String(match.2))
        }
      }
      #expect(shown == pictures)
    }
  }

  @Test func theReadmeNamesEveryArticle() throws {
    let readme = try String(contentsOf: Package.root.appendingPathComponent("README.md"), encoding: .utf8)
    for article in try Article.all() {
      let path = article.file.path.dropFirst(Package.root.path.count + 1)
      let isLinked = readme.contains("(\(path))")
      #expect(isLinked, "README.md has no link to \(path)")
    }
  }
}
