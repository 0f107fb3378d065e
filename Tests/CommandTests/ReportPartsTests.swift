import Testing
import mnist

/// The small pieces that a report is made of.
@Suite struct ReportPartsTests {
  @Test(arguments: [
    (0.0289, 0.1808), (94.31, 99.1), (0, 1), (0.5, 0.5), (0, 0), (1e-9, 3e-9), (2.302, 1e6), (3.3333, 3.3334),
  ])
  func ticksEncloseTheirNumbers(least: Double, greatest: Double) throws {
    let ticks = Ticks(least, greatest)
    #expect(ticks.low <= least && ticks.high >= greatest && ticks.low < ticks.high)
    #expect((2...8).contains(ticks.values.count), "\(ticks.values)")
    #expect(ticks.values.first == ticks.low && ticks.values == ticks.values.sorted())
    // Told apart as they are printed.
    #expect(Set(ticks.values.map { ticks.text($0) }).count == ticks.values.count)
  }

  @Test func ticksAreRound() {
    let ticks = Ticks(0.0289, 0.1808)
    #expect(ticks.values.map { ticks.text($0) } == ["0.00", "0.05", "0.10", "0.15", "0.20"])
    #expect(ticks.exactText(0.0289) == "0.0289")
  }

  /// Nobody recognizes more than all images.
  @Test(arguments: [(100.0, 100.0), (99.99, 100), (94.3, 99.1), (0, 100), (0, 0)])
  func ticksKeepTheirLimit(least: Double, greatest: Double) {
    let ticks = Ticks(least, greatest, limit: 100)
    #expect(ticks.low <= least && ticks.high >= greatest && ticks.low < ticks.high && ticks.high <= 100)
  }

  @Test func epochsAreNamedSparingly() {
    #expect(Ticks.epochs(1) == [1] && Ticks.epochs(5) == [1, 2, 3, 4, 5])
    #expect(Ticks.epochs(20) == [1, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20])
    for count in [0, 11, 99, 1000, 10_000, 1_000_000] {
      #expect((1...12).contains(Ticks.epochs(count).count))
    }
  }

  /// A quotation mark with an accent is one character to Swift, and a quotation mark to a browser.
  @Test func everyScalarIsEscaped() {
    let escape = HTMLEscaping().escapeText
    #expect(escape("<a href='x'>\"&\"</a>") == "&lt;a href=&#39;x&#39;&gt;&quot;&amp;&quot;&lt;/a&gt;")
    let accented = escape("\"\u{301}<\u{338}>\u{20D2}")
    #expect(!accented.unicodeScalars.contains { ["\"", "<", ">"].contains($0) }, "\(accented)")
    #expect(escape("größer 7️⃣") == "größer 7️⃣")
  }
}
