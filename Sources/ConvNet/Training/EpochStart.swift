import Im2col

/// The position in an epoch at which `fit` begins: its start, or after batches completed earlier.
struct EpochStart {
  /// The number of completed batches.
  var batch = 0
  /// The score of these batches.
  var score = Score()

  /// The number of batches in an epoch; the last one may be smaller.
  static func batches(images: Int, batchSize: Int) -> Int { (images - 1) / batchSize + 1 }

  /// Checks that the score belongs to the completed batches.
  ///
  /// - Throws: `ShapeError` with the numbers that do not agree.
  func validate(images: Int, batchSize: Int) throws(ShapeError) {
    let batches = Self.batches(images: images, batchSize: batchSize)
    guard (0...batches).contains(batch) else {
      throw .outOfRange("the initial batch", value: batch, range: 0..<batches + 1)
    }
    let seen = batch == batches ? images : batch * batchSize
    guard score.images == seen, (0...seen).contains(score.correct) else {
      throw .unsupported(
        "the initial score has \(score.correct) correct predictions of \(score.images) images, but "
          + "\(batch) of \(batches) batches hold \(seen) images; pass the `running` score of the last batch")
    }
  }
}
