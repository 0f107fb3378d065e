import CKernels

/// The CPU as Linux describes it.
package struct Processor: Sendable {
  /// Its maker's words.
  package let name: String
  /// Those of its instruction sets that the vector loops and OpenBLAS live on.
  package let features: [String]

  /// Reads the text of `/proc/cpuinfo`; what it does not say is left out.
  package init(cpuinfo text: String) {
    func value(of key: String) -> Substring? {
      text.split(separator: "\n").first { $0.hasPrefix(key) }?.split(separator: ":", maxSplits: 1).last?
        .drop { $0 == " " }
    }
    name = value(of: "model name").map { String($0).trimmedEnd } ?? "unknown CPU"
    let present = Set((value(of: "flags") ?? value(of: "Features") ?? "").split(separator: " "))
    features = Self.interesting.filter { present.contains(Substring($0)) }
  }

  /// This machine's.
  package static var current: Processor {
    Processor(cpuinfo: AvailableCores.contents(of: "/proc/cpuinfo") ?? "")
  }

  /// Which clones of the vector loops run here.
  package static var kernelLevel: String { String(cString: ckernels_level()) }

  private static let interesting = [
    "sse4_2", "avx", "avx2", "fma", "avx512f", "avx512bw", "avx512vl", "avx512_bf16", "amx_tile", "asimd",
    "sve",
  ]
}
