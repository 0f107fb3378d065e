import Im2col

/// The number of images of each class by predicted class.
///
///                prediction
///                 0   1   2
///     label  0 | 97   0   3 |      3 images of a 0 were classified as a 2
///            1 |  1  98   1 |      recall of 1: 98 of the 100 in its row
///            2 |  0   5  95 |      precision of 2: 95 of the 99 in its column
///
/// The recall of a class without images and the precision of a class without predictions are nil.
public struct ConfusionMatrix: Sendable, Equatable {
  /// The number of classes.
  public let classes: Int
  /// `[classes, classes]`, row-major: one row per label, one column per prediction.
  public private(set) var counts: [Int]

  /// Creates a matrix of zeros.
  ///
  /// - Throws: `EngineError.shape` when the number of classes is not positive, or the matrix exceeds memory.
  public init(classes: Int) throws(EngineError) {
    let count = try EngineError.shapes { () throws(ShapeError) in
      try ShapeError.requirePositive(classes, "the number of classes")
      return try ShapeError.elementCount(of: [classes, classes, 2], named: "confusion matrix") / 2
    }
    self.classes = classes
    counts = [Int](repeating: 0, count: count)
  }

  /// The number of images of class `label` that were classified as `prediction`.
  ///
  /// - Precondition: `label` and `prediction` are in `0..<classes`.
  public subscript(label: Int, prediction: Int) -> Int { counts[index(label, prediction)] }

  /// Counts one image.
  ///
  /// - Precondition: `label` and `prediction` are in `0..<classes`.
  public mutating func add(label: Int, prediction: Int) { counts[index(label, prediction)] += 1 }

  /// Adds the counts of another matrix.
  ///
  /// - Precondition: both matrices have the same number of classes.
  public static func += (total: inout ConfusionMatrix, part: ConfusionMatrix) {
    precondition(
      total.classes == part.classes,
      "cannot add a matrix of \(part.classes) classes to one of \(total.classes)")
    for index in total.counts.indices { total.counts[index] += part.counts[index] }
  }

  private func index(_ label: Int, _ prediction: Int) -> Int {
    precondition(
      (0..<classes).contains(label) && (0..<classes).contains(prediction),
      "label \(label) and prediction \(prediction) must be in 0..<\(classes)")
    return label * classes + prediction
  }
}

// MARK: - Totals, recall and precision

extension ConfusionMatrix {
  /// The number of images.
  public var images: Int { counts.reduce(0, +) }

  /// The number of correct predictions.
  public var correct: Int { (0..<classes).reduce(0) { $0 + self[$1, $1] } }

  /// Returns the number of images of a class.
  public func images(of label: Int) -> Int { (0..<classes).reduce(0) { $0 + self[label, $1] } }

  /// Returns the number of images that were classified as a class.
  public func predictions(of prediction: Int) -> Int { (0..<classes).reduce(0) { $0 + self[$1, prediction] } }

  /// Returns the fraction of the images of a class that were classified correctly; nil if there are none.
  public func recall(of label: Int) -> Double? { ratio(self[label, label], of: images(of: label)) }

  /// Returns the fraction of the predictions of a class that were correct; nil if there are none.
  public func precision(of prediction: Int) -> Double? {
    ratio(self[prediction, prediction], of: predictions(of: prediction))
  }

  private func ratio(_ part: Int, of whole: Int) -> Double? {
    whole > 0 ? Double(part) / Double(whole) : nil
  }
}

// MARK: - Mistakes

extension ConfusionMatrix {
  /// A number of images of one class that were classified as another.
  public struct Confusion: Sendable, Equatable {
    /// The class of the images.
    public let label: Int
    /// The predicted class.
    public let prediction: Int
    /// The number of images; at least 1.
    public let count: Int

    /// Creates a confusion.
    public init(label: Int, prediction: Int, count: Int) {
      (self.label, self.prediction, self.count) = (label, prediction, count)
    }
  }

  /// Returns the most frequent confusions in descending order; equal counts are ordered by label, then
  /// prediction.
  ///
  /// - Parameter limit: the maximum number of confusions to return.
  /// - Complexity: O(`classes`² log `classes`).
  public func mostFrequentConfusions(_ limit: Int) -> [Confusion] {
    let confusions = counts.indices.lazy.filter { counts[$0] > 0 && $0 / classes != $0 % classes }
    let sorted = confusions.sorted { counts[$0] == counts[$1] ? $0 < $1 : counts[$0] > counts[$1] }
    return sorted.prefix(max(limit, 0)).map {
      Confusion(label: $0 / classes, prediction: $0 % classes, count: counts[$0])
    }
  }
}
