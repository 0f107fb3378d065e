import Testing
import mnist

/// The parts of the command's output.
@Suite struct MNISTTextTests {
  @Test func bars() {
    let blocks = Bar(style: TextStyle(color: false, unicode: true), cells: 10)
    #expect(blocks.text(0.55) == "█████▌····")
    #expect(blocks.text(0) == "··········" && blocks.text(1) == "██████████")
    #expect(blocks.text(-3) == blocks.text(0) && blocks.text(7) == blocks.text(1))
    #expect(blocks.text(.nan) == blocks.text(0) && blocks.text(.infinity) == blocks.text(1))
    let ascii = Bar(style: TextStyle(color: false, unicode: false), cells: 4)
    #expect(ascii.text(0.5) == "##--")
    for fraction in stride(from: -0.1, through: 1.1, by: 0.003) {
      #expect(blocks.text(fraction).count == 10 && ascii.text(fraction).count == 4)
    }
    let colored = Bar(style: TextStyle(color: true, unicode: false), cells: 4)
    #expect(colored.text(0.5) == "\u{1B}[32m##\u{1B}[0m--" && colored.text(0) == "----")
  }

  @Test(arguments: [
    (0.0, "0 s", "0s"), (0.2, "1 s", "1s"), (59, "59 s", "59s"), (59.5, "1 min 00 s", "1m00s"),
    (200, "3 min 20 s", "3m20s"), (3600, "1 h 00 min", "1h00m"), (3900, "1 h 05 min", "1h05m"),
    (360_001, ">99 h", ">99h"), (-5, "0 s", "0s"), (.infinity, ">99 h", ">99h"), (.nan, ">99 h", ">99h"),
  ])
  func times(seconds: Double, long: String, short: String) {
    #expect(NumberText.seconds(seconds) == long)
    #expect(NumberText.shortSeconds(seconds) == short)
  }

  @Test func numbers() {
    #expect(0.grouped == "0" && 999.grouped == "999")
    #expect(61_706.grouped == "61,706" && (-1_234_567).grouped == "-1,234,567")
    #expect(Int.min.grouped == "-9,223,372,036,854,775,808")
    #expect(24_310.7.grouped == "24,311" && Double.nan.grouped == "nan")
    #expect(NumberText.short(950) == "950" && NumberText.short(24_310) == "24.3k")
    #expect(NumberText.short(999_960) == "1.0M")
    #expect(NumberText.fixed(-Double.nan, 4) == "nan")
    #expect(NumberText.fixed(0.07123, 4) == "0.0712" && NumberText.fixed(123_456, 4) == "1.23e+05")
    #expect(NumberText.percent(0.98666, 2) == "98.67%")
    #expect(NumberText.significant(Double(Float(0.002)), 6) == "0.002")
    #expect(NumberText.significant(1.00000005e-5, 6) == "1e-05")
  }

  @Test func stylesOfTerminals() {
    let style = { (variables: [String: String], terminal: Bool) in
      TextStyle(environment: variables, isTerminal: terminal)
    }
    #expect(style(["LANG": "de_DE.UTF-8"], true) == TextStyle(color: true, unicode: true))
    #expect(style(["LANG": "en_US.UTF-8", "LC_ALL": "C"], true) == TextStyle(color: true, unicode: false))
    #expect(style(["LC_ALL": "", "LC_CTYPE": "C.utf8", "NO_COLOR": "1"], true).unicode)
    #expect(!style(["NO_COLOR": "1"], true).color && style(["NO_COLOR": ""], true).color)
    #expect(!style([:], false).color)
  }

  @Test func jsonKeepsItsOrder() throws {
    var line = JSONLine()
    try line.add("z", 1)
    try line.add("a \"quoted\"\n", ["x/y", "ü"])
    try line.add("m", 0.1)
    #expect(line.text == #"{"z":1,"a \"quoted\"\n":["x/y","ü"],"m":0.1}"#)
    #expect(throws: EncodingError.self) { try line.add("n", Double.nan) }
  }

  @Test func listsOfIndices() throws {
    #expect(try Array(#require(IndexList(argument: "3,5-9")).indices) == [3, 5, 6, 7, 8, 9])
    #expect(try Array(#require(IndexList(argument: "7,0-1,7")).indices) == [7, 0, 1, 7])
    for wrong in ["", ",", "1,", "-1", "1-", "a", "1-2-3", "9-3", "+1", " 1", "99999999999999999999"] {
      #expect(IndexList(argument: wrong) == nil, "\(wrong)")
    }
    // Checking a long range must be fast.
    let huge = try #require(IndexList(argument: "0-\(Int.max)"))
    #expect(throws: (any Error).self) { try huge.require(below: 10_000, of: "the test set") }
    #expect(throws: Never.self) { try IndexList(0...9).require(below: 10, of: "the test set") }
  }

  @Test func classesThatDiffer() {
    func warning(_ model: [String]) -> String? {
      classWarning(model: model, data: ["0", "1", "2"], name: "x")
    }
    #expect(warning(["0", "1", "2"]) == nil)
    #expect(warning(["0", "1"]) == "warning: the model has 2 classes, but x has 3")
    #expect(warning(["0", "one", "2"])?.hasSuffix(": class 1 is one in the model but 1 in x") == true)
  }

  @Test func theThreeMostLikelyClasses() throws {
    let outputs = [("a", 0.1), ("b", 0.3), ("c", 0.3), ("d", 0.05), ("e", 0.25)].map {
      (name: $0.0, probability: $0.1)
    }
    let prediction = Prediction(index: 4, label: "c", file: nil, outputs: outputs)
    #expect(prediction.mostLikely.map(\.name) == ["b", "c", "e"])
    #expect(
      try prediction.record()
        == #"{"index":4,"label":"c","predictions":[{"class":"b","probability":0.3},"#
        + #"{"class":"c","probability":0.3},{"class":"e","probability":0.25}]}"#)
    #expect(
      prediction.text(style: TextStyle(color: false, unicode: false)).split(separator: "\n") == [
        "image 4 is c", "  b   30.00%  ######--------------", "  c   30.00%  ######--------------",
        "  e   25.00%  #####---------------",
      ])
    #expect(Prediction(index: 0, label: nil, file: "x", outputs: []).mostLikely.isEmpty)
  }
}
