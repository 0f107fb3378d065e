import DigitImages
import Foundation
import Im2col
import MNISTData
import Testing

/// `DigitNormalizer` reproduces MNIST's own normalization. Needs the four files (`MNIST_DIR`).
@Suite struct NormalizedMNISTTests {
  static let folder = ProcessInfo.processInfo.environment["MNIST_DIR"]

  @Test(.enabled(if: folder.map { !$0.isEmpty } ?? false)) func mnistImagesAreUnchanged() throws {
    let images = try LabeledImages(.test, at: MNISTLocation.find(explicit: Self.folder))
    let count = 1000
    var same = 0
    for index in 0..<count {
      let pixels = images[index..<index + 1].tensor().scalars.map { UInt8(($0 * 255).rounded()) }
      let digit = try DigitNormalizer.digit(GrayImage(size: images.imageSize, pixels: pixels))
      #expect(!digit.wasInverted)
      let differences = zip(digit.image.pixels, pixels).map { abs(Int($0) - Int($1)) }
      if differences.allSatisfy({ $0 <= 16 }) { same += 1 }
    }
    // In a few of ten thousand images the longer side is not 20 pixels.
    #expect(same >= 995, "\(same) of \(count)")
  }
}
