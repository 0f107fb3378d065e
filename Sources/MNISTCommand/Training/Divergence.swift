/// A training whose numbers left the range of Float32.
struct Divergence: Error, CustomStringConvertible {
  /// What was found, and where.
  let finding: String
  /// The last checkpoint before it, which is good and stays.
  var checkpoint: String?

  init(_ finding: String, epoch: Int, batch: Int? = nil) {
    let place = batch.map { "in batch \($0)" } ?? "at the end"
    self.finding = "\(finding) \(place) of epoch \(epoch)"
  }

  var description: String {
    guard let checkpoint else {
      return "\(finding); nothing was written, choose a lower --learning-rate"
    }
    return "\(finding); the last good checkpoint is \(checkpoint), no model was written; "
      + "choose a lower --learning-rate in another folder"
  }
}
