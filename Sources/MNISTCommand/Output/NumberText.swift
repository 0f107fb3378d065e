import Foundation
import Im2col

/// Numbers as people read them. Nothing traps, also not on NaN.
package enum NumberText {
  /// `61706` as `61,706`.
  package static func grouped(_ number: Int) -> String { number.grouped }

  /// A rate without decimals, `24310.7` as `24,311`.
  package static func grouped(_ number: Double) -> String {
    guard number.magnitude < 1e15 else { return "\(number)" }
    return grouped(Int(number.rounded()))
  }

  /// So many decimals, or an exponent where the number is too large for that.
  package static func fixed(_ number: Double, _ decimals: Int) -> String {
    // C would print the sign of a NaN, which means nothing.
    guard !number.isNaN else { return "nan" }
    return String(format: number.magnitude < 10_000 ? "%.\(decimals)f" : "%.2e", number)
  }

  /// So many digits that count, an exponent where that is shorter, and no zeros at the end: `0.002`, `1e-05`.
  package static func significant(_ number: Double, _ digits: Int) -> String {
    String(format: "%.\(digits)g", number)
  }

  /// A share as a percentage.
  package static func percent(_ share: Double, _ decimals: Int) -> String {
    fixed(100 * share, decimals) + "%"
  }

  /// A rate in few letters: `950`, `24.3k`, `1.2M`.
  package static func short(_ number: Double, decimals: Int = 1) -> String {
    switch number.magnitude {
    case ..<1000: fixed(number, 0)
    case ..<(decimals > 0 ? 999_950 : 999_500): fixed(number / 1e3, decimals) + "k"
    default: fixed(number / 1e6, decimals) + "M"
    }
  }

  /// A time in words: `8 s`, `3 min 20 s`, `1 h 05 min`.
  package static func seconds(_ seconds: Double) -> String {
    span(seconds, units: (" s", " min", " h"), separator: " ")
  }

  /// A time in few letters: `8s`, `3m20s`, `1h05m`.
  package static func shortSeconds(_ seconds: Double) -> String {
    span(seconds, units: ("s", "m", "h"), separator: "")
  }

  private static func span(
    _ seconds: Double, units: (second: String, minute: String, hour: String), separator: String
  ) -> String {
    // Also where the time is not known.
    guard seconds < 100 * 3600 else { return ">99\(units.hour)" }
    let whole = Int(max(seconds, 0).rounded(.up))
    let (hours, minutes, rest) = (whole / 3600, whole / 60 % 60, whole % 60)
    if hours > 0 { return "\(hours)\(units.hour)\(separator)\(twoDigits(minutes))\(units.minute)" }
    if minutes > 0 { return "\(minutes)\(units.minute)\(separator)\(twoDigits(rest))\(units.second)" }
    return "\(rest)\(units.second)"
  }

  private static func twoDigits(_ number: Int) -> String { (number < 10 ? "0" : "") + String(number) }
}
