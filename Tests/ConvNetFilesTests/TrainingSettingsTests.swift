import ConvNetFiles
import Foundation
import Testing

@Suite struct TrainingSettingsTests {
  private func settings(_ pairs: KeyValuePairs<String, String>) -> TrainingSettings {
    var settings = TrainingSettings()
    for (name, value) in pairs { settings.add(name, value) }
    return settings
  }

  @Test func disagreementsNameBothValuesInOrder() {
    let saved = settings(["--a": "1", "--b": "2", "--old": "x"])
    let current = settings(["--b": "3", "--a": "1", "--new": "y\u{1B}"])
    let texts = saved.disagreements(with: current).map(\.description)
    #expect(
      texts == [
        "--b was 2 and is now 3", "--old was x and is now not given",
        "--new was not given and is now y\\u{1B}",
      ])
    #expect(saved.disagreements(with: saved).isEmpty)
  }

  /// Different learning rates have different texts.
  @Test func numbersKeepAllDigits() {
    var (one, other) = (TrainingSettings(), TrainingSettings())
    one.add("--rate", Float(0.001))
    other.add("--rate", Float(0.001).nextUp)
    #expect(one.disagreements(with: other).count == 1)
    one.add("--rate", Float(0.001).nextUp)
    #expect(one == other && one["--rate"] == "0.0010000002")
  }

  @Test func jsonIsPairs() throws {
    let settings = settings(["--a": "1", "b": ""])
    let text = String(decoding: try JSONEncoder().encode(settings), as: UTF8.self)
    #expect(text == #"[["--a","1"],["b",""]]"#)
    #expect(try JSONDecoder().decode(TrainingSettings.self, from: Data(text.utf8)) == settings)
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(TrainingSettings.self, from: Data(#"[["a"]]"#.utf8))
    }
  }
}
