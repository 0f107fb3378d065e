import Foundation
import MNISTData
import TestSupport
import Testing

@Suite struct MNISTDatasetTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test(arguments: [false, true])
  func readsAllFourFiles(gzipped: Bool) throws {
    let location = try folder.writeDataset(gzipped: gzipped)
    let dataset = try MNISTDataset(at: location, scale: .over256)
    #expect(dataset.name == "mnist")
    #expect(dataset.train.count == 5 && dataset.test.count == 2)
    #expect(dataset.train.imageShape == [3, 2, 1])
    #expect((0..<5).map { dataset.train.label(of: $0) } == [3, 0, 9, 1, 4])
    #expect(dataset.train.scale == .over256 && dataset.test.scale == .over256)
    #expect(dataset.test.tensor().scalars == SmallSet.test.pixels.map { Float($0) / 256 })
  }

  /// `zcat ... | sha256sum` of the four small files.
  @Test func digestIsOfTheFilesInOrder() throws {
    let dataset = try MNISTDataset(at: folder.writeDataset(gzipped: true))
    #expect(dataset.dataDigest() == "f4da9b8d106ebc58a2d2abd46939a36ee790a70dc0378613316b987f5c73bbcf")
    #expect(
      dataset.train.labelsDigest() == "7c2cb4c8ce2583504af50eeda0c820715cca99a6b9869830d396d2ef37242990")
    #expect(
      dataset.train.imagesDigest() == "aa8ebed6545d44cdd2253667775036eb1791b44f61bcbdf3b338bccacc4c988f")
    var other = SmallSet.test
    other.labels = [7, 3]
    #expect(
      try MNISTDataset(at: folder.writeDataset("other", test: other, gzipped: false)).dataDigest()
        != dataset.dataDigest())
  }

  @Test func unknownFilesAreNamedByTheirFolder() throws {
    let fashion = try MNISTDataset(at: folder.writeDataset("Fashion-mine", gzipped: false))
    #expect(fashion.name == "fashion-mnist")
    #expect(fashion.test.classNames == MNISTVariant.fashion.classNames)
    #expect(fashion.test.classNames.count == 10 && fashion.test.classNames[9] == "Ankle boot")
    let digits = try MNISTDataset(at: folder.writeDataset("mine", gzipped: false))
    #expect(digits.test.classNames == ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"])
  }

  @Test func labelOutOfRange() throws {
    let location = try folder.writeDataset(train: SmallSet(labels: [3, 9, 10]), gzipped: true)
    let path = "\(location.directory)/train-labels-idx1-ubyte.gz"
    #expect(throws: DatasetError.labelOutOfRange(path: path, index: 2, label: 10, classes: 10)) {
      try MNISTDataset(at: location)
    }
  }

  @Test func countMismatch() throws {
    let location = try folder.writeDataset(gzipped: false)
    try folder.write(SmallSet(labels: [1, 2, 3]).labelsFile, "t10k-labels-idx1-ubyte")
    let error = #expect(throws: DatasetError.self) { try MNISTDataset(at: location) }
    guard case .countMismatch(images: 2, labels: 3, let of) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(of.contains("test") && of.contains(location.directory))
  }

  @Test func imagesAndLabelsSwapped() throws {
    let location = try folder.writeDataset(gzipped: false)
    let path = try folder.write(SmallSet.train.imagesFile, "train-labels-idx1-ubyte")
    #expect(throws: DatasetError.wrongMagic(path: path, expected: 0x801, actual: 0x803)) {
      try MNISTDataset(at: location)
    }
  }

  @Test func partsOfDifferentSize() throws {
    let test = SmallSet(labels: [7, 2], rows: 2, columns: 3)
    let location = try folder.writeDataset(test: test, gzipped: false)
    #expect(
      throws: DatasetError.sizeMismatch(train: [3, 2, 1], test: [2, 3, 1], directory: location.directory)
    ) { try MNISTDataset(at: location) }
  }

  @Test func missingFile() throws {
    let location = try folder.writeDataset(gzipped: true)
    try FileManager.default.removeItem(atPath: "\(folder.path)/t10k-images-idx3-ubyte.gz")
    #expect(
      throws: DatasetError.missingFile(directory: location.directory, name: "t10k-images-idx3-ubyte")
    ) { try MNISTDataset(at: location) }
    // The other part can still be read.
    #expect(try LabeledImages(.train, at: location).count == 5)
  }

  @Test func rawIsPreferredToGzip() throws {
    try folder.writeDataset(train: SmallSet(labels: [1, 1, 1]), gzipped: true)
    let location = try folder.writeDataset(gzipped: false)
    #expect(try MNISTDataset(at: location).train.count == 5)
  }
}
