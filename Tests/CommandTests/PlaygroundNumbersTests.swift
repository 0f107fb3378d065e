import Foundation
import Testing

/// Numbers as the playground writes them.
@Suite(.enabled("needs Chromium", { Chromium.executable != nil }))
struct PlaygroundNumbersTests {
  /// The script's texts, as UTF-8 bytes.
  private func texts(_ expressions: [String]) throws -> [String] {
    let body = expressions.enumerated().map { index, expression in
      "report('\(index)', new TextEncoder().encode(\(expression)));"
    }
    let values = try PlaygroundScript.run(["numbers.js"], data: "null", body: body.joined(separator: "\n"))
    return try expressions.indices.map { index in
      String(decoding: try #require(values["\(index)"]).map { UInt8($0) }, as: UTF8.self)
    }
  }

  @Test func significantDigits() throws {
    let cases = [
      ("Numbers.text(0)", "0"), ("Numbers.text(-0)", "0"), ("Numbers.text(0.5)", "0.5"),
      ("Numbers.text(-14)", "−14"),
      ("Numbers.text(Math.PI)", "3.142"), ("Numbers.text(-0.0123456)", "−0.01235"),
      ("Numbers.text(1234.5678)", "1235"),
      ("Numbers.text(2/3, 3)", "0.667"), ("Numbers.text(9.9999999)", "10.000"),
      ("Numbers.text(3.14e-7)", "3.14 · 10⁻⁷"),
      ("Numbers.text(-2e6 / 3 * 10)", "−6.67 · 10⁶"), ("Numbers.text(NaN)", "undefined"),
      ("Numbers.text(-Infinity)", "−∞"),
      ("Numbers.text(null)", ""),
    ]
    let shown = try texts(cases.map(\.0))
    for (text, (expression, expected)) in zip(shown, cases) { #expect(text == expected, "\(expression)") }
  }

  @Test func cellsShareAPowerOfTen() throws {
    let cases = [
      ("String(Numbers.scaleOf([0.2, null, -3]))", "0"), ("String(Numbers.scaleOf([2e-5, 0]))", "-5"),
      ("String(Numbers.scaleOf([0, null]))", "0"), ("String(Numbers.scaleOf([40000]))", "4"),
      ("Numbers.cell(0.25)", ".25"),
      ("Numbers.cell(-0.256)", "−.26"), ("Numbers.cell(-0.001)", ".00"), ("Numbers.cell(2.5e-5, -5)", "2.50"),
      ("Numbers.cell(12.34)", "12.3"), ("Numbers.cell(123.4)", "123"), ("Numbers.cell(-2)", "−2"),
      ("Numbers.cell(null)", ""),
    ]
    let shown = try texts(cases.map(\.0))
    for (text, (expression, expected)) in zip(shown, cases) { #expect(text == expected, "\(expression)") }
  }

  @Test func sumsAndPercentages() throws {
    let cases = [
      ("Numbers.sum([1, -2, 0.5])", "1 − 2 + 0.5"), ("Numbers.factor(-3)", "(−3)"),
      ("Numbers.factor(3)", "3"),
      ("Numbers.percent(0.123456)", "12.35%"), ("Numbers.percent(1)", "100.00%"),
      // Rounding must not claim certainty.
      ("Numbers.percent(0.99999)", "> 99.99%"),
    ]
    let shown = try texts(cases.map(\.0))
    for (text, (expression, expected)) in zip(shown, cases) { #expect(text == expected, "\(expression)") }
  }
}
