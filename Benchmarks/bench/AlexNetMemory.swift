import ConvNet
import Foundation
import Im2col

/// What a training step of AlexNet takes of memory at most, beside what it may take:
///
///     3 x parameters (themselves, gradient, momentum) + the batch's activations + scratch + 150 MB
///
/// The peak is the process' own, as the system counts it, so one process measures one case.
struct AlexNetMemory {
  let batch: Int
  let parameterBytes: Int
  let activationBytes: Int
  let scratchBytes: Int
  let peakBytes: Int

  /// OpenBLAS' buffers, the program itself, its images.
  static let otherBytes = 150_000_000

  var allowedBytes: Int {
    3 * parameterBytes + activationBytes + scratchBytes + AlexNetMemory.otherBytes
  }

  /// Two steps, so that whatever is made anew by each counts.
  init(batch: Int, towers: AlexNet.Towers, options: ComputeOptions) throws {
    let net = try AlexNetModel(
      batch: batch, towers: towers, options: options, initializer: .constant(0.001))
    for _ in 0..<2 { try net.model.trainOnBatch(net.data) }
    let sizes = try net.model.trainingMemory(batch: batch)
    self.batch = batch
    parameterBytes = net.model.parameterCount * MemoryLayout<Float>.stride
    (activationBytes, scratchBytes) = (sizes.activations, sizes.scratch)
    peakBytes = try AlexNetMemory.processPeak()
  }

  func json(case name: String) -> JSONObject {
    JSONObject([
      JSONField("case", .text(name)), JSONField("peak_bytes", .integer(peakBytes)),
      JSONField("allowed_bytes", .integer(allowedBytes)),
      JSONField("parameter_bytes", .integer(parameterBytes)),
      JSONField("activation_bytes", .integer(activationBytes)),
      JSONField("scratch_bytes", .integer(scratchBytes)),
    ])
  }

  func text(case name: String) -> String {
    func megabytes(_ bytes: Int) -> String { "\((bytes + 500_000) / 1_000_000) MB" }
    return """
      \(name): at most \(megabytes(peakBytes)); allowed are \(megabytes(allowedBytes)): 3 x \
      \(megabytes(parameterBytes)) of parameters, \(megabytes(activationBytes)) of activations, \
      \(megabytes(scratchBytes)) of scratch, \(megabytes(AlexNetMemory.otherBytes)) for the rest
      """
  }

  /// The most memory that this process had at a time: `VmHWM` in `/proc/self/status`, in units of 1024 bytes.
  private static func processPeak() throws -> Int {
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    guard let number = line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap({ Int($0) })
    else {
      throw NoPeak()
    }
    return number * 1024
  }

  struct NoPeak: Error, CustomStringConvertible {
    let description = "/proc/self/status does not say how much memory this process had at most (VmHWM)"
  }

  struct TooMuch: Error, CustomStringConvertible {
    let description: String
  }
}
