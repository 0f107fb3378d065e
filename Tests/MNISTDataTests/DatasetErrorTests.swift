import MNISTData
import Testing

@Suite struct DatasetErrorTests {
  /// Every case with the required parts of its text: names, numbers and remedy.
  static let texts: [(error: DatasetError, parts: [String])] = [
    (
      .notFound(searched: ["a/b", "c"]),
      ["a/b, c", "mnist download", "--data", "MNIST_DIR", "dataset-fashion-mnist"]
    ),
    (
      .notDownloaded(searched: ["a/b", "c"], reason: .badMirror("d")),
      [
        "a/b, c", "d is not an http or https URL", "mnist download", "MNIST_MIRROR", "--data", "MNIST_DIR",
        "dataset-fashion-mnist",
      ]
    ),
    (.noDirectory(path: "a/b", namedBy: "MNIST_DIR"), ["MNIST_DIR", "a/b", "correct it"]),
    (.missingFile(directory: "a/b", name: "c"), ["a/b", "neither c nor c.gz", "add the file"]),
    (.unreadable(path: "a/b", reason: "Permission denied"), ["a/b", "Permission denied", "check"]),
    (.notAFile(path: "a/b"), ["a/b", "regular file", "IDX"]),
    (
      .wrongMagic(path: "a/b", expected: 0x803, actual: 0x801),
      ["a/b", "0x00000801 (IDX labels)", "0x00000803 (IDX images)", "download"]
    ),
    (.emptyAxis(path: "a/b", axis: "rows"), ["a/b", "0 rows", "at least 1", "download"]),
    (.tooLarge(path: "a/b", sizes: [70_000, 50_000]), ["a/b", "70000 x 50000", "2147483647", "download"]),
    (.truncated(path: "a/b", expected: 46, actual: 17), ["a/b", "17 of 46", "download"]),
    (.trailingBytes(path: "a/b", expected: 46), ["a/b", "46", "download"]),
    (.implausible(path: "a/b", expected: 99_000, compressed: 51), ["a/b", "99000", "51", "download"]),
    (.corruptGzip(path: "a/b", reason: "incorrect data check"), ["a/b", "incorrect data check", "download"]),
    (.trailingGzip(path: "a/b"), ["a/b", "compressed data", "download"]),
    (
      .labelOutOfRange(path: "a/b", index: 4, label: 11, classes: 10),
      ["a/b", "label 4", "is 11", "from 0 to 9", "download"]
    ),
    (.countMismatch(images: 5, labels: 6, of: "the test part"), ["the test part", "5 images", "6 labels"]),
    (
      .sizeMismatch(train: [3, 2, 1], test: [2, 3, 1], directory: "a/b"),
      ["a/b", "[3, 2, 1]", "[2, 3, 1]", "four files"]
    ),
    (
      .mixedDatasets(train: "mnist", test: "fashion-mnist", directory: "a/b"),
      ["a/b", "labels of mnist", "labels of fashion-mnist", "four files"]
    ),
    (.validationTooLarge(validation: 9, images: 5), ["9 validation images", "out of 5", "0...4"]),
  ]

  @Test(arguments: texts.indices)
  func textHasNumbersAndRemedy(index: Int) {
    let (error, parts) = Self.texts[index]
    for part in parts {
      #expect("\(error)".contains(part), "\(part) in: \(error)")
    }
    #expect(!"\(error)".contains("\n"))
  }
}
