import Foundation
import MNISTData
import TestSupport
import Testing

private let originals = ProcessInfo.processInfo.environment["MNIST_DIR"]
private let debianIsInstalled = FileManager.default.fileExists(atPath: MNISTLocation.debianDirectory)

/// The original files in the folder `MNIST_DIR`; skipped if it is not set.
@Suite(.enabled(if: originals != nil, "set MNIST_DIR to the folder with MNIST's four files"))
struct RealMNISTTests {
  /// The published SHA-256 of the uncompressed files.
  @Test func isTheOriginal() throws {
    let folder = try #require(originals)
    let dataset = try MNISTDataset(at: .find(explicit: folder))
    #expect(dataset.name == "mnist")
    #expect(dataset.train.count == 60_000 && dataset.test.count == 10_000)
    #expect(dataset.train.imageShape == [28, 28, 1])
    #expect((0..<5).map { dataset.train.label(of: $0) } == [5, 0, 4, 1, 9])
    #expect((0..<5).map { dataset.test.label(of: $0) } == [7, 2, 1, 0, 4])
    #expect(
      dataset.train.imagesDigest() == "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db")
    #expect(
      dataset.train.labelsDigest() == "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5")
    #expect(
      dataset.test.imagesDigest() == "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7")
    #expect(
      dataset.test.labelsDigest() == "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2")
    #expect(dataset.dataDigest() == "b2d8f5bf39174ee5ffeefa97e42d673c35432b411bb5d1f74fbbeddae7f1690a")
  }
}

/// Debian's Fashion-MNIST; skipped if the package `dataset-fashion-mnist` is not installed.
@Suite(.enabled(if: debianIsInstalled, "apt-get install dataset-fashion-mnist"))
struct DebianFashionTests {
  @Test func isFoundAndNamed() throws {
    let location = try MNISTLocation.find(environment: [:])
    #expect(location.origin == .debian)
    let test = try LabeledImages(.test, at: location)
    #expect(test.name == "fashion-mnist" && test.count == 10_000)
    #expect(test.classNames[test.label(of: 0)] == "Ankle boot")
  }

  /// Training images of digits and test images of clothing, linked into one folder.
  @Test(.enabled(if: originals != nil, "set MNIST_DIR to the folder with MNIST's four files"))
  func mixedFolderIsRefused() throws {
    let mixed = try TemporaryFolder()
    let sources = [(MNISTPart.train, try #require(originals)), (.test, MNISTLocation.debianDirectory)]
    for (part, directory) in sources {
      for file in [part.imagesName, part.labelsName] {
        try FileManager.default.createSymbolicLink(
          atPath: "\(mixed.path)/\(file).gz", withDestinationPath: "\(directory)/\(file).gz")
      }
    }
    let location = try MNISTLocation.find(explicit: mixed.path)
    #expect(
      throws: DatasetError.mixedDatasets(train: "mnist", test: "fashion-mnist", directory: mixed.path)
    ) { try MNISTDataset(at: location) }
  }
}
