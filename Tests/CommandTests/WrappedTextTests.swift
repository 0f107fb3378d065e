import Testing
import mnist

/// Messages are wrapped at spaces.
@Suite struct WrappedTextTests {
  @Test func linesFit() {
    let text = "in batches of 32 (seed 0, 2 threads)"
    #expect(text.wrapped(to: 80) == text)
    #expect(text.wrapped(to: 36) == text)
    #expect(text.wrapped(to: 35) == "in batches of 32 (seed 0, 2\nthreads)")
    #expect(text.wrapped(to: 10) == "in batches\nof 32\n(seed 0, 2\nthreads)")
    for columns in 8...40 {
      let lines = text.wrapped(to: columns).split(separator: "\n")
      #expect(lines.allSatisfy { $0.count <= columns } && lines.joined(separator: " ") == text)
    }
  }

  @Test func longWordsIndentsAndLines() {
    #expect("a/very/long/path is kept".wrapped(to: 5) == "a/very/long/path\nis\nkept")
    #expect("abcdefgh".wrapped(to: 0) == "abcdefgh")
    #expect("one two\n  three four".wrapped(to: 7) == "one two\n  three\nfour")
    #expect("".wrapped(to: 5).isEmpty && "\n".wrapped(to: 5) == "\n")
  }
}
