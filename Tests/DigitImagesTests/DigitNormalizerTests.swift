import DigitImages
import Im2col
import Testing

@Suite struct DigitNormalizerTests {
  /// A drawing from rows of text: `#` is ink, `+` is halfway between ink and background.
  private func drawing(_ rows: [String], ink: UInt8 = 255, background: UInt8 = 0) -> GrayImage {
    let pixels = rows.joined().map { letter -> UInt8 in
      switch letter {
      case "#": ink
      case "+": UInt8((Int(ink) + Int(background)) / 2)
      default: background
      }
    }
    return GrayImage(size: Size2D(height: rows.count, width: rows[0].count), pixels: pixels)
  }

  /// A filled rectangle on a background.
  private func rectangle(
    rows: Range<Int>, columns: Range<Int>, in size: Size2D, ink: UInt8, background: UInt8
  ) -> GrayImage {
    var image = GrayImage(size: size, pixels: .init(repeating: background, count: size.height * size.width))
    for row in rows { for column in columns { image.pixels[row * size.width + column] = ink } }
    return image
  }

  /// The bounding box of the pixels that are not black.
  private func box(_ image: GrayImage) -> (rows: ClosedRange<Int>, columns: ClosedRange<Int>)? {
    let lit = image.pixels.indices.filter { image.pixels[$0] > 0 }
    let (rows, columns) = (lit.map { $0 / 28 }, lit.map { $0 % 28 })
    guard let top = rows.min(), let bottom = rows.max(), let left = columns.min(), let right = columns.max()
    else {
      return nil
    }
    return (top...bottom, left...right)
  }

  @Test func theLongerSideBecomesTwentyPixelsAndTheAspectRatioIsKept() throws {
    let tall = rectangle(
      rows: 30..<130, columns: 5..<30, in: Size2D(height: 140, width: 90), ink: 0, background: 255)
    let found = try #require(box(try DigitNormalizer.digit(tall).image))
    // 100 x 25 becomes 20 x 5, its center of mass (9.5, 2) at (14, 14).
    #expect(found.rows == 5...24 || found.rows == 4...23)
    #expect(found.columns == 12...16)
    let wide = rectangle(
      rows: 3..<4, columns: 1..<3, in: Size2D(height: 7, width: 4), ink: 9, background: 200)
    let flat = try #require(box(try DigitNormalizer.digit(wide).image))
    #expect(flat.columns.count == 20 && flat.rows.count == 10)
  }

  /// By hand: 30 rows of the columns 255, 0, 51 become 20 rows of two columns, each 1.5 old columns wide.
  @Test func shadesAreAreaMeans() throws {
    let size = Size2D(height: 32, width: 20)
    var image = rectangle(rows: 1..<31, columns: 10..<11, in: size, ink: 255, background: 0)
    for row in 1..<31 { image.pixels[row * 20 + 12] = 51 }
    let digit = try DigitNormalizer.digit(image).image
    // (255 + 0.5 * 0) / 1.5 = 170 and (0.5 * 0 + 51) / 1.5 = 34; scaled so that the maximum is 255: 255 and
    // 51.
    #expect(digit.pixels.filter { $0 == 255 }.count == 20 && digit.pixels.filter { $0 == 51 }.count == 20)
    #expect(digit.pixels.filter { $0 > 0 }.count == 40)
  }

  @Test func theCenterOfMassIsInTheMiddle() throws {
    // An L: most of its ink is at the bottom left.
    let image = drawing(
      [
        "............", ".##.........", ".##.........", ".##.........", ".##.........", ".########...",
        ".########...", "............",
      ])
    let pixels = try DigitNormalizer.digit(image).image.pixels
    let mass = pixels.reduce(0.0) { $0 + Double($1) }
    let row = pixels.indices.reduce(0.0) { $0 + Double($1 / 28) * Double(pixels[$1]) } / mass
    let column = pixels.indices.reduce(0.0) { $0 + Double($1 % 28) * Double(pixels[$1]) } / mass
    #expect(abs(row - 14) <= 0.5 && abs(column - 14) <= 0.5, "\(row), \(column)")
  }

  @Test func theBorderDeterminesTheBackground() throws {
    let rows = ["......", ".##...", "..##..", "...##.", "......"]
    let expected = try DigitNormalizer.digit(drawing(rows))
    #expect(!expected.wasInverted)
    for (ink, background): (UInt8, UInt8) in [(0, 255), (40, 250), (100, 160)] {
      let digit = try DigitNormalizer.digit(drawing(rows, ink: ink, background: background))
      #expect(digit.wasInverted && digit.image == expected.image, "\(ink) on \(background)")
    }
    for (ink, background): (UInt8, UInt8) in [(255, 20), (127, 80)] {
      let digit = try DigitNormalizer.digit(drawing(rows, ink: ink, background: background))
      #expect(!digit.wasInverted && digit.image == expected.image, "\(ink) on \(background)")
    }
  }

  /// A dark frame around a light background misleads `.auto`.
  @Test func thePolarityOverridesTheBorder() throws {
    let framed = drawing(
      ["######", "#....#", "#.##.#", "#.##.#", "#....#", "######"], ink: 0, background: 255)
    #expect(try !DigitNormalizer.digit(framed, .auto).wasInverted)
    let digit = try DigitNormalizer.digit(framed, .darkOnLight)
    #expect(digit.wasInverted && digit.image.pixels.contains(255))
    #expect(try !DigitNormalizer.digit(drawing(["#####", "#...#", "#####"]), .lightOnDark).wasInverted)
  }

  @Test func backgroundNoiseIsNotInk() throws {
    var noise = UInt64(7)
    func next(_ limit: Int) -> Int {
      noise = noise &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(noise >> 33) % limit
    }
    var image = rectangle(
      rows: 40..<90, columns: 50..<60, in: Size2D(height: 130, width: 120), ink: 30, background: 225)
    for index in image.pixels.indices {
      image.pixels[index] = UInt8(Int(image.pixels[index]) + next(25) - 12)
    }
    let found = try #require(box(try DigitNormalizer.digit(image).image))
    #expect(found.rows.count == 20 && found.columns.count == 4, "\(found)")
  }

  @Test func thinLinesStayVisible() throws {
    let line = rectangle(
      rows: 100..<1000, columns: 500..<501, in: Size2D(height: 1100, width: 1000), ink: 0, background: 255)
    let pixels = try DigitNormalizer.digit(line).image.pixels
    #expect(pixels.filter { $0 == 255 }.count == 20)
  }

  /// No polarity makes a digit of a picture with one value. 255 is also what a transparent PNG decodes to.
  @Test(arguments: [0, 100, 127, 128, 200, 255] as [UInt8], InkPolarity.allCases)
  func uniformPicturesAreBlank(value: UInt8, polarity: InkPolarity) throws {
    for size in [Size2D(height: 60, width: 50), Size2D(height: 1, width: 1)] {
      let image = rectangle(rows: 0..<0, columns: 0..<0, in: size, ink: 0, background: value)
      #expect(throws: BlankImage.uniform(size: size, value: Int(value))) {
        try DigitNormalizer.digit(image, polarity)
      }
    }
  }

  @Test(arguments: InkPolarity.allCases) func nearlyBlankPictures(polarity: InkPolarity) throws {
    let rows = [".....", ".#...", "....."]
    for (ink, background): (UInt8, UInt8) in [(240, 255), (15, 0), (232, 255), (140, 120)] {
      let contrast = abs(Int(ink) - Int(background))
      #expect(throws: BlankImage.lowContrast(size: Size2D(height: 3, width: 5), contrast: contrast)) {
        try DigitNormalizer.digit(drawing(rows, ink: ink, background: background), polarity)
      }
    }
    // The remedy: more contrast.
    #expect(throws: Never.self) { try DigitNormalizer.digit(drawing(rows, ink: 231, background: 255)) }
  }

  /// A light digit on a light border, and its two remedies.
  @Test func aDigitOnTheWrongSideOfItsBackground() throws {
    let rows = [".....", ".#...", "....."]
    let size = Size2D(height: 3, width: 5)
    #expect(throws: BlankImage.noInk(size: size, border: 200, isLight: true, strongest: 0)) {
      try DigitNormalizer.digit(drawing(rows, ink: 255, background: 200))
    }
    #expect(throws: BlankImage.noInk(size: size, border: 100, isLight: false, strongest: 0)) {
      try DigitNormalizer.digit(drawing(rows, ink: 0, background: 100))
    }
    for (ink, background): (UInt8, UInt8) in [(176, 200), (255, 127), (124, 100), (0, 128)] {
      let digit = try DigitNormalizer.digit(drawing(rows, ink: ink, background: background))
      #expect(digit.image.pixels.contains(255), "\(ink) on \(background)")
    }
  }

  @Test func blankPicturesNameTheirNumbersAndARemedy() {
    let size = Size2D(height: 40, width: 60)
    #expect(
      BlankImage.uniform(size: size, value: 7).description
        == "the picture is blank: every pixel of the 60 x 40 picture has the value 7; draw a digit on a "
        + "contrasting background")
    #expect(
      BlankImage.uniform(size: size, value: 255).description.hasSuffix("(transparent pixels count as white)"))
    #expect(
      BlankImage.lowContrast(size: size, contrast: 15).description
        == "the picture is nearly blank: the values of its 60 x 40 pixels differ by at most 15 of 255, and at "
        + "least 24 are needed; draw with more contrast")
    #expect(
      BlankImage.noInk(size: size, border: 200, isLight: true, strongest: 3).description
        == "the picture shows no digit: its border has the value 200, and none of its 60 x 40 pixels is more "
        + "than 3 darker; draw a digit that is at least 24 darker, or use a background below 128")
  }

  /// All 3x3 pictures with two values, and lines of every length.
  @Test func everyPictureGivesADigitOrAnError() throws {
    for bits in 0..<512 {
      let pixels = (0..<9).map { UInt8(bits >> $0 & 1) * 255 }
      let image = GrayImage(size: Size2D(height: 3, width: 3), pixels: pixels)
      for polarity in InkPolarity.allCases {
        guard let digit = try? DigitNormalizer.digit(image, polarity) else { continue }
        #expect(digit.image.pixels.contains(255) && digit.image.size == Size2D(height: 28, width: 28))
      }
    }
    for length in 1...130 {
      let line = rectangle(
        rows: 1..<2, columns: 1..<1 + length, in: Size2D(height: 3, width: length + 2), ink: 255,
        background: 0)
      let found = try #require(box(try DigitNormalizer.digit(line).image))
      #expect(found.columns.count == 20, "length \(length)")
    }
  }
}
