import Testing
import mnist

/// The parts of a report.
@Suite struct ReportPartsTests {
  @Test(arguments: [
    (0.0289, 0.1808), (94.31, 99.1), (0, 1), (0.5, 0.5), (0, 0), (1e-9, 3e-9), (2.302, 1e6), (3.3333, 3.3334),
  ])
  func ticksEncloseTheirNumbers(minimum: Double, maximum: Double) throws {
    let ticks = Ticks(minimum, maximum)
    #expect(ticks.low <= minimum && ticks.high >= maximum && ticks.low < ticks.high)
    #expect((2...8).contains(ticks.values.count), "\(ticks.values)")
    #expect(ticks.values.first == ticks.low && ticks.values == ticks.values.sorted())
    // Distinct as printed.
    #expect(Set(ticks.values.map { ticks.text($0) }).count == ticks.values.count)
  }

  @Test func ticksAreRound() {
    let ticks = Ticks(0.0289, 0.1808)
    #expect(ticks.values.map { ticks.text($0) } == ["0.00", "0.05", "0.10", "0.15", "0.20"])
    #expect(ticks.exactText(0.0289) == "0.0289")
  }

  /// An accuracy axis must not exceed 100%.
  @Test(arguments: [(100.0, 100.0), (99.99, 100), (94.3, 99.1), (0, 100), (0, 0)])
  func ticksKeepTheirLimit(minimum: Double, maximum: Double) {
    let ticks = Ticks(minimum, maximum, limit: 100)
    #expect(ticks.low <= minimum && ticks.high >= maximum && ticks.low < ticks.high && ticks.high <= 100)
  }

  @Test func labeledEpochs() {
    #expect(Ticks.epochs(1) == [1] && Ticks.epochs(5) == [1, 2, 3, 4, 5])
    #expect(Ticks.epochs(20) == [1, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20])
    for count in [0, 11, 99, 1000, 10_000, 1_000_000] {
      #expect((1...12).contains(Ticks.epochs(count).count))
    }
  }

  /// A quotation mark with an accent is one character in Swift and a quotation mark in a browser.
  @Test func everyScalarIsEscaped() {
    let escape = HTMLEscaping().escapeText
    #expect(escape("<a href='x'>\"&\"</a>") == "&lt;a href=&#39;x&#39;&gt;&quot;&amp;&quot;&lt;/a&gt;")
    let accented = escape("\"\u{301}<\u{338}>\u{20D2}")
    #expect(!accented.unicodeScalars.contains { ["\"", "<", ">"].contains($0) }, "\(accented)")
    #expect(escape("größer 7️⃣") == "größer 7️⃣")
  }
}
