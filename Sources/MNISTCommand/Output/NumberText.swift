import Foundation
import Im2col

extension Double {
  /// The number rounded to an integer, with separators: `24310.7` as `24,311`.
  package var grouped: String {
    guard magnitude < 1e15 else { return "\(self)" }
    return Int(rounded()).grouped
  }
}

/// Formats numbers for people. Never traps, not even on NaN.
package enum NumberText {
  /// A fixed number of decimals; an exponent from 10,000 on.
  package static func fixed(_ number: Double, _ decimals: Int) -> String {
    // C prints the meaningless sign of a NaN.
    guard !number.isNaN else { return "nan" }
    return String(format: number.magnitude < 10_000 ? "%.\(decimals)f" : "%.2e", number)
  }

  /// A number of significant digits without trailing zeros: `0.002`, `1e-05`.
  package static func significant(_ number: Double, _ digits: Int) -> String {
    String(format: "%.\(digits)g", number)
  }

  /// A fraction as a percentage: `98.80%`.
  package static func percent(_ fraction: Double, _ decimals: Int) -> String {
    fixed(100 * fraction, decimals) + "%"
  }

  /// A short rate: `950`, `24.3k`, `1.2M`.
  package static func short(_ number: Double, decimals: Int = 1) -> String {
    switch number.magnitude {
    case ..<1000: fixed(number, 0)
    case ..<(decimals > 0 ? 999_950 : 999_500): fixed(number / 1e3, decimals) + "k"
    default: fixed(number / 1e6, decimals) + "M"
    }
  }

  /// A time: `8 s`, `3 min 20 s`, `1 h 05 min`.
  package static func seconds(_ seconds: Double) -> String {
    span(seconds, units: (" s", " min", " h"), separator: " ")
  }

  /// A short time: `8s`, `3m20s`, `1h05m`.
  package static func shortSeconds(_ seconds: Double) -> String {
    span(seconds, units: ("s", "m", "h"), separator: "")
  }

  private static func span(
    _ seconds: Double, units: (second: String, minute: String, hour: String), separator: String
  ) -> String {
    // NaN fails the comparison.
    guard seconds < 100 * 3600 else { return ">99\(units.hour)" }
    let whole = Int(max(seconds, 0).rounded(.up))
    let (hours, minutes, rest) = (whole / 3600, whole / 60 % 60, whole % 60)
    if hours > 0 { return "\(hours)\(units.hour)\(separator)\(twoDigits(minutes))\(units.minute)" }
    if minutes > 0 { return "\(minutes)\(units.minute)\(separator)\(twoDigits(rest))\(units.second)" }
    return "\(rest)\(units.second)"
  }

  private static func twoDigits(_ number: Int) -> String { (number < 10 ? "0" : "") + String(number) }
}
