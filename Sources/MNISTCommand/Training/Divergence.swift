/// A training run whose loss or parameters are no longer finite.
struct Divergence: Error, CustomStringConvertible {
  /// The problem and its place.
  let finding: String
  /// The last checkpoint before the divergence; it is valid and kept.
  var checkpoint: String?

  init(_ finding: String, epoch: Int, batch: Int? = nil) {
    let place = batch.map { "in batch \($0)" } ?? "at the end"
    self.finding = "\(finding) \(place) of epoch \(epoch)"
  }

  var description: String {
    guard let checkpoint else {
      return "\(finding); no model was written; lower --learning-rate"
    }
    return "\(finding); no model was written, and the last valid checkpoint is \(checkpoint); "
      + "lower --learning-rate and use another --checkpoint folder"
  }
}
