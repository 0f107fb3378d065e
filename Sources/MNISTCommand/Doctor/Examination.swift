import ConvNet
import ConvNetFiles
import Foundation
import Im2col
import MNISTData

/// Looks at everything that a training here depends on; each finding stands on its own.
struct Examination {
  /// The folder that `--data` names, if any.
  let folder: String?

  func findings() -> [Finding] {
    [build, openBLAS, selfTest, rounding, processor, cores, sgemm, memory, data]
  }

  private var build: Finding {
    let version = "swift-im2col \(Versions.package)"
    #if DEBUG
      return Finding(
        "build", "\(version), debug build: many times slower", .warning,
        remedy: "swift build -c release, then .build/release/mnist")
    #else
      return Finding("build", "\(version), release build")
    #endif
  }

  private var openBLAS: Finding {
    let text = "\(BLAS.version), \(BLAS.flavor.rawValue) build, kernels for \(BLAS.coreName)"
    guard let core = ProcessInfo.processInfo.environment["OPENBLAS_CORETYPE"], !core.isEmpty else {
      return Finding("OpenBLAS", text)
    }
    return Finding(
      "OpenBLAS", "\(text), as OPENBLAS_CORETYPE=\(core) asks", .warning,
      remedy: "unset OPENBLAS_CORETYPE, unless the self-test fails without it")
  }

  private var selfTest: Finding {
    do throws(EngineError) {
      try BLAS.requireUsable()
      return Finding("self-test", "exact products, one BLAS thread a worker")
    } catch {
      // The error's text ends in the command.
      let parts = "\(error)".split(separator: "; ", maxSplits: 1).map(String.init)
      return Finding("self-test", parts.first ?? "failed", .wrong, remedy: parts.count > 1 ? parts[1] : nil)
    }
  }

  private var rounding: Finding {
    do throws(EngineError) {
      let print = try ArithmeticFingerprint.current()
      return Finding(
        "rounding",
        "\(print.products.prefix(12)) (sgemm), \(print.training.prefix(12)) (training): equal bits where these are equal"
      )
    } catch {
      return Finding(
        "rounding", "not known: the self-test failed", .wrong, remedy: "mend the self-test first")
    }
  }

  private var processor: Finding {
    let processor = Processor.current
    let features =
      processor.features.isEmpty ? "no vector units known" : processor.features.joined(separator: " ")
    return Finding("CPU", "\(processor.name): \(features); vector loops for \(Processor.kernelLevel)")
  }

  private var cores: Finding {
    let quota = AvailableCores.limitsOfGroups.compactMap { AvailableCores.quota(ofLimit: $0) }.min()
    let granted = quota.map { "a control group grants \($0)" } ?? "no quota of a control group"
    return Finding(
      "cores",
      "\(AvailableCores.affinity) by affinity, \(granted): \(Workers.availableCores) threads unless --threads says otherwise"
    )
  }

  private var sgemm: Finding {
    do {
      try BLAS.requireUsable()
      let (one, all) = (
        try SgemmRate.measure(Workers(1)), try SgemmRate.measure(Workers(Workers.availableCores))
      )
      return Finding(
        "sgemm",
        "\(NumberText.fixed(one, 1)) GFLOP/s on one core, \(NumberText.fixed(all, 1)) on \(Workers.availableCores)"
      )
    } catch {
      return Finding(
        "sgemm", "not measured: the self-test failed", .wrong, remedy: "mend the self-test first")
    }
  }

  private var memory: Finding {
    let memory = Memory.current
    let available = memory.available.map { ", \(Memory.text($0)) of it free" } ?? ""
    let limit = memory.limit.map { ", a control group allows \(Memory.text($0))" } ?? ""
    let text = "\(Memory.text(PhysicalMemory.bytes))\(limit)\(available)"
    guard memory.usable < Memory.neededForTraining else { return Finding("memory", text) }
    return Finding(
      "memory", text, .warning, remedy: "end other programs; training LeNet-5 takes about 90 MB")
  }

  private var data: Finding {
    do throws(DatasetError) {
      let location = try MNISTLocation.find(explicit: folder)
      let dataset = try MNISTDataset(at: location)
      let text =
        "\(dataset.name), \(dataset.train.count.grouped) + \(dataset.test.count.grouped) images in \(location.directory)"
      guard location.origin == .debian else { return Finding("data", text) }
      return Finding("data", "no MNIST; \(text)", .warning, remedy: "mnist download")
    } catch .notFound(let searched) {
      return Finding(
        "data", "none in \(searched.joined(separator: ", ")); 'mnist train' will try to fetch MNIST",
        .warning,
        remedy: "mnist download, or apt-get install dataset-fashion-mnist")
    } catch {
      let parts = "\(error)".split(separator: "; ", maxSplits: 1).map(String.init)
      return Finding("data", parts.first ?? "unusable", .wrong, remedy: parts.count > 1 ? parts[1] : nil)
    }
  }
}
