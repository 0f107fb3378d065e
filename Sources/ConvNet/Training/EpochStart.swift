import Im2col

/// Where in an epoch `fit` begins: at its start, or behind batches that an earlier process has trained on.
struct EpochStart {
  /// Batches that are done.
  var batch = 0
  /// Their score.
  var score = Score()

  /// How many batches an epoch has; the last one has what is left.
  static func batches(images: Int, batchSize: Int) -> Int { (images - 1) / batchSize + 1 }

  /// Checks that the score can be that of so many batches.
  ///
  /// - Throws: `ShapeError` with the numbers.
  func validate(images: Int, batchSize: Int) throws(ShapeError) {
    let batches = Self.batches(images: images, batchSize: batchSize)
    guard (0...batches).contains(batch) else {
      throw .outOfRange("the initial batch", value: batch, range: 0..<batches + 1)
    }
    let seen = batch == batches ? images : batch * batchSize
    guard score.images == seen, (0...seen).contains(score.correct) else {
      throw .unsupported(
        "the initial score has \(score.correct) correct in \(score.images) images, but \(batch) of \(batches) batches "
          + "hold \(seen) images; pass the `running` score of the batch before")
    }
  }
}
