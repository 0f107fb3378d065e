import Im2col

/// How often each class was taken for each other one; counts, so that nothing is rounded.
///
///                prediction
///                 0   1   2
///     label  0 | 97   0   3 |      3 images of a 0 were taken for a 2
///            1 |  1  98   1 |      recall of 1: 98 of its row's 100
///            2 |  0   5  95 |      precision of 2: 95 of its column's 99
///
/// Where a class has no image (or was never predicted) its recall (or precision) has no value and is nil, not 0.
public struct ConfusionMatrix: Sendable, Equatable {
  /// How many classes there are.
  public let classes: Int
  /// `[classes, classes]`, row-major: a row a label, a column a prediction.
  public private(set) var counts: [Int]

  /// The matrix of no images.
  ///
  /// - Throws: `EngineError.shape` when the number of classes is not positive, or memory cannot hold its square.
  public init(classes: Int) throws(EngineError) {
    let count = try EngineError.shapes { () throws(ShapeError) in
      try ShapeError.requirePositive(classes, "the number of classes")
      return try ShapeError.elementCount(of: [classes, classes, 2], named: "confusion matrix") / 2
    }
    self.classes = classes
    counts = [Int](repeating: 0, count: count)
  }

  /// Images of class `label` that were taken for class `prediction`.
  ///
  /// - Precondition: both are in `0..<classes`.
  public subscript(label: Int, prediction: Int) -> Int { counts[place(label, prediction)] }

  /// Counts one image.
  ///
  /// - Precondition: both are in `0..<classes`.
  public mutating func add(label: Int, prediction: Int) { counts[place(label, prediction)] += 1 }

  /// Adds the counts of other images.
  ///
  /// - Precondition: both have the same classes.
  public static func += (total: inout ConfusionMatrix, part: ConfusionMatrix) {
    precondition(total.classes == part.classes, "\(part.classes) classes added to \(total.classes)")
    for place in total.counts.indices { total.counts[place] += part.counts[place] }
  }

  private func place(_ label: Int, _ prediction: Int) -> Int {
    precondition(
      (0..<classes).contains(label) && (0..<classes).contains(prediction),
      "label \(label), prediction \(prediction): there are \(classes) classes")
    return label * classes + prediction
  }
}

// MARK: - Sums and shares

extension ConfusionMatrix {
  /// Images in all.
  public var images: Int { counts.reduce(0, +) }

  /// Images that were right.
  public var correct: Int { (0..<classes).reduce(0) { $0 + self[$1, $1] } }

  /// Images of a class.
  public func images(of label: Int) -> Int { (0..<classes).reduce(0) { $0 + self[label, $1] } }

  /// Images that were taken for a class, rightly or not.
  public func predictions(of prediction: Int) -> Int { (0..<classes).reduce(0) { $0 + self[$1, prediction] } }

  /// Share of a class' images that were recognized; nil where it has none.
  public func recall(of label: Int) -> Double? { share(self[label, label], of: images(of: label)) }

  /// Share of a class' predictions that were right; nil where it was never predicted.
  public func precision(of prediction: Int) -> Double? {
    share(self[prediction, prediction], of: predictions(of: prediction))
  }

  private func share(_ part: Int, of whole: Int) -> Double? {
    whole > 0 ? Double(part) / Double(whole) : nil
  }
}

// MARK: - Mistakes

extension ConfusionMatrix {
  /// A class that was taken for another.
  public struct Confusion: Sendable, Equatable {
    /// What the images show.
    public let label: Int
    /// What they were taken for.
    public let prediction: Int
    /// How many images; at least 1.
    public let count: Int

    /// Names a cell of a matrix.
    public init(label: Int, prediction: Int, count: Int) {
      (self.label, self.prediction, self.count) = (label, prediction, count)
    }
  }

  /// The most frequent mistakes, the worst first; of equal ones that of the smaller label, then prediction.
  ///
  /// - Parameter limit: how many at most.
  /// - Complexity: O(`classes`² log `classes`).
  public func worstConfusions(_ limit: Int) -> [Confusion] {
    let mistakes = counts.indices.lazy.filter { counts[$0] > 0 && $0 / classes != $0 % classes }
    let worstFirst = mistakes.sorted { counts[$0] == counts[$1] ? $0 < $1 : counts[$0] > counts[$1] }
    return worstFirst.prefix(max(limit, 0)).map {
      Confusion(label: $0 / classes, prediction: $0 % classes, count: counts[$0])
    }
  }
}
