extension String {
  /// The text with control characters escaped (`\u{1B}`); file names may contain some, and terminals obey
  /// them.
  package var printable: String {
    var text = ""
    for scalar in unicodeScalars {
      if scalar.properties.generalCategory == .control {
        text += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
      } else {
        text.unicodeScalars.append(scalar)
      }
    }
    return text
  }
}

extension BinaryInteger {
  /// The number with thousands separators: `61,706`.
  package var grouped: String {
    var (digits, text) = (String(magnitude), "")
    while digits.count > 3 {
      text = "," + digits.suffix(3) + text
      digits = String(digits.dropLast(3))
    }
    return (self < 0 ? "-" : "") + digits + text
  }
}
