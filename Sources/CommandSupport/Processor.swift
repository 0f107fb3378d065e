import CKernels
import Im2col

/// The CPU as Linux describes it.
package struct Processor: Sendable {
  /// The model name.
  package let name: String
  /// The instruction sets that matter to the vector loops and to OpenBLAS.
  package let features: [String]

  /// Parses the text of `/proc/cpuinfo`; missing entries give an unknown name and no features.
  package init(cpuinfo text: String) {
    func value(of key: String) -> Substring? {
      text.split(separator: "\n").first { $0.hasPrefix(key) }?.split(separator: ":", maxSplits: 1).last?
        .drop { $0 == " " }
    }
    name = value(of: "model name").map { String($0).trimmedEnd } ?? "unknown CPU"
    let present = Set((value(of: "flags") ?? value(of: "Features") ?? "").split(separator: " "))
    features = Self.interesting.filter { present.contains(Substring($0)) }
  }

  /// The CPU of this machine.
  package static var current: Processor {
    Processor(cpuinfo: SystemFile.text(at: "/proc/cpuinfo") ?? "")
  }

  /// The level of the vector loops that this process runs: see `ckernels_level`.
  package static var kernelLevel: String { String(cString: ckernels_level()) }

  private static let interesting = [
    "sse4_2", "avx", "avx2", "fma", "avx512f", "avx512bw", "avx512vl", "avx512_bf16", "amx_tile", "asimd",
    "sve",
  ]
}
