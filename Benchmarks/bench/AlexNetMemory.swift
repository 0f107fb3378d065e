import ConvNet
import Foundation
import Im2col

/// The peak memory of a training step of AlexNet and its limit:
///
///     3 x parameters (parameters, gradient, momentum) + activations of the batch + scratch + 150 MB
///
/// The system counts the peak of the whole process, so a process can measure one case only.
struct AlexNetMemory {
  let batch: Int
  let parameterBytes: Int
  let activationBytes: Int
  let scratchBytes: Int
  let peakBytes: Int

  /// Buffers of OpenBLAS, the program itself, its images.
  static let otherBytes = 150_000_000

  var allowedBytes: Int {
    3 * parameterBytes + activationBytes + scratchBytes + AlexNetMemory.otherBytes
  }

  /// Takes two steps, so that allocations of every step count.
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
    func megabytes(_ bytes: Int) -> String { "\(((bytes + 500_000) / 1_000_000).grouped) MB" }
    return """
      \(name): peak \(megabytes(peakBytes)), limit \(megabytes(allowedBytes)) (3 x \
      \(megabytes(parameterBytes)) parameters, \(megabytes(activationBytes)) activations, \
      \(megabytes(scratchBytes)) scratch, \(megabytes(AlexNetMemory.otherBytes)) for everything else)
      """
  }

  /// The peak memory of this process in bytes: `VmHWM` in `/proc/self/status`, which counts units of 1024 bytes.
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
    let description = "/proc/self/status has no VmHWM, the peak memory of this process"
  }

  struct TooMuch: Error, CustomStringConvertible {
    let description: String
  }
}
