import Im2col
import MNISTData
import Testing

@Suite struct LabeledImagesTests {
  private let set = SmallSet.train
  private let images: LabeledImages

  init() throws {
    images = try LabeledImages(
      pixels: set.pixels, labels: set.labels, imageSize: Size2D(height: 3, width: 2),
      classNames: MNISTVariant.digits.classNames)
  }

  private func pixels(_ images: LabeledImages, _ index: Int) -> [Float] {
    var image = [Float](repeating: .nan, count: 6)
    var span = image.mutableSpan
    images.copyPixels(of: index, into: &span)
    return image
  }

  private func target(_ images: LabeledImages, _ index: Int) -> [Float] {
    var target = [Float](repeating: .nan, count: 10)
    var span = target.mutableSpan
    images.copyTarget(of: index, into: &span)
    return target
  }

  @Test func imagesAndTargetsOneByOne() {
    #expect(images.count == 5)
    for index in 0..<5 {
      #expect(pixels(images, index) == (0..<6).map { Float(6 * index + $0) / 255 }, "image \(index)")
      var expected = [Float](repeating: 0, count: 10)
      expected[Int(set.labels[index])] = 1
      #expect(target(images, index) == expected, "label \(index)")
    }
  }

  @Test func tensorsHaveTheSameNumbers() {
    let (x, y) = (images.tensor(), images.oneHot())
    #expect(x.shape == [5, 3, 2, 1])
    #expect(x.scalars == (0..<5).flatMap { pixels(images, $0) })
    #expect(y.shape == [5, 10])
    #expect(y.scalars == (0..<5).flatMap { target(images, $0) })
  }

  @Test func indicesOfARangeStartAtZero() {
    let part = images[1..<4]
    #expect(part.count == 3)
    #expect((0..<3).map { part.label(of: $0) } == [0, 9, 1])
    #expect(pixels(part, 0) == pixels(images, 1))
    let inner = part[1..<3]
    #expect(inner.tensor().scalars == (12..<24).map { Float($0) / 255 })
    #expect((0..<2).map { inner.label(of: $0) } == [9, 1])
    #expect(inner[2..<2].tensor().shape == [0, 3, 2, 1])
    #expect(inner[2..<2].oneHot().shape == [0, 10])
  }

  @Test func aRangeHasItsOwnDigest() throws {
    let bytes = Array(set.pixels[12..<24])
    let copy = try LabeledImages(
      pixels: bytes, labels: [9, 1], imageSize: images.imageSize, classNames: images.classNames)
    #expect(images[2..<4].imagesDigest() == copy.imagesDigest())
    #expect(images[2..<4].labelsDigest() == copy.labelsDigest())
    #expect(images.imagesDigest() != copy.imagesDigest())
  }

  @Test func splitKeepsTheLastForValidation() throws {
    let (training, validation) = try images.split(validation: 2)
    #expect((0..<3).map { training.label(of: $0) } == [3, 0, 9])
    #expect((0..<2).map { validation.label(of: $0) } == [1, 4])
    #expect(try images.split(validation: 0).training.count == 5)
    #expect(try images.split(validation: 0).validation.count == 0)
    for count in [-1, 5, 6, Int.max, Int.min] {
      #expect(throws: DatasetError.validationTooLarge(validation: count, images: 5)) {
        try images.split(validation: count)
      }
    }
  }

  /// All 256 bytes against the quotient in Double: the nearest Float, without the error of a reciprocal.
  @Test(arguments: PixelScale.allCases)
  func scalingIsExact(scale: PixelScale) throws {
    let all = try LabeledImages(
      pixels: (0...255).map { UInt8($0) }, labels: [0], imageSize: Size2D(height: 4, width: 64),
      classNames: ["only"], scale: scale)
    let expected = (0...255).map { Float(Double($0) / Double(scale.rawValue)) }
    #expect(all.tensor().scalars == expected)
    #expect((0...255).map { scale(UInt8($0)) } == expected)
    #expect(expected[255] == (scale == .over255 ? 1 : 0.99609375))
  }

  @Test func mismatchedArrays() {
    func make(pixels: Int = 12, labels: [UInt8] = [0, 1], height: Int = 3, width: Int = 2)
      throws(ShapeError)
    {
      _ = try LabeledImages(
        pixels: [UInt8](repeating: 0, count: pixels), labels: labels,
        imageSize: Size2D(height: height, width: width), classNames: ["a", "b"])
    }
    #expect(throws: Never.self) { try make() }
    #expect(throws: ShapeError.scalarCount(shape: [2, 3, 2], expected: 12, actual: 11)) {
      try make(pixels: 11)
    }
    #expect(throws: ShapeError.outOfRange("label 1", value: 2, range: 0..<2)) { try make(labels: [1, 2]) }
    #expect(throws: ShapeError.notPositive("the images' height", value: 0)) { try make(height: 0) }
    #expect(throws: ShapeError.notPositive("the images' width", value: -1)) { try make(width: -1) }
    #expect(throws: ShapeError.self) { try make(height: Int(Int32.max), width: Int(Int32.max)) }
  }

  /// Invalid indices violate a precondition.
  @Test func invalidIndicesTrap() async {
    await #expect(processExitsWith: .failure) {
      _ = try LabeledImagesTests().images[1..<3].label(of: 2)
    }
    await #expect(processExitsWith: .failure) {
      _ = try LabeledImagesTests().images[3..<6]
    }
    await #expect(processExitsWith: .failure) {
      _ = try LabeledImagesTests().images[2..<4][0..<3]
    }
    await #expect(processExitsWith: .failure) {
      var buffer = [Float](repeating: 0, count: 5)
      var span = buffer.mutableSpan
      try LabeledImagesTests().images.copyPixels(of: 0, into: &span)
    }
  }
}
