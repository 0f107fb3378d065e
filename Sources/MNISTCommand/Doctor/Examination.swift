import ArgumentParser
import CommandSupport
import ConvNet
import ConvNetFiles
import Foundation
import Im2col
import MNISTData

/// Checks everything that training depends on; each check is independent of the others.
struct Examination {
  /// The source of the images.
  let data: DataOptions

  func findings() -> [Finding] {
    [build, openBLAS, selfTest, rounding, processor, cores, sgemm, memory, images]
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
      "OpenBLAS", "\(text), forced by OPENBLAS_CORETYPE=\(core)", .warning,
      remedy: "unset OPENBLAS_CORETYPE, unless the self-test fails without it")
  }

  private var selfTest: Finding {
    do throws(EngineError) {
      try BLAS.requireUsable()
      return Finding("self-test", "exact products, one BLAS thread per worker")
    } catch {
      // The error's text ends with the remedy.
      let parts = "\(error)".split(separator: "; ", maxSplits: 1).map(String.init)
      return Finding("self-test", parts.first ?? "failed", .wrong, remedy: parts.count > 1 ? parts[1] : nil)
    }
  }

  private var rounding: Finding {
    do throws(EngineError) {
      let print = try ArithmeticFingerprint.current()
      let digests = "\(print.products.prefix(12)) (sgemm), \(print.training.prefix(12)) (training)"
      return Finding("rounding", "\(digests); machines with equal values compute equal bits")
    } catch {
      return Finding(
        "rounding", "unknown: the self-test failed", .wrong, remedy: "fix the self-test first")
    }
  }

  private var processor: Finding {
    let processor = Processor.current
    let features =
      processor.features.isEmpty ? "no known vector instructions" : processor.features.joined(separator: " ")
    return Finding("CPU", "\(processor.name): \(features); vector loops for \(Processor.kernelLevel)")
  }

  private var cores: Finding {
    let quota = AvailableCores.limitsOfGroups.compactMap { AvailableCores.quota(ofLimit: $0) }.min()
    let granted = quota.map { "\($0) by control group" } ?? "no control-group quota"
    return Finding(
      "cores",
      "\(AvailableCores.affinity) by affinity, \(granted): \(Workers.availableCores) threads by default"
    )
  }

  private var sgemm: Finding {
    do {
      try BLAS.requireUsable()
      let cores = Workers.availableCores
      let one = try SgemmRate.measure(Workers(1))
      let two = cores > 1 ? try SgemmRate.measure(Workers(2)) : nil
      let all = cores > 2 ? try SgemmRate.measure(Workers(cores)) : two ?? one
      var load = 0.0
      getloadavg(&load, 1)
      return SgemmRate.finding(one: one, two: two, all: all, cores: cores, load: load)
    } catch {
      return Finding(
        "sgemm", "not measured: the self-test failed", .wrong, remedy: "fix the self-test first")
    }
  }

  private var memory: Finding {
    let memory = Memory.current
    let available = memory.available.map { ", \(Memory.text($0)) free" } ?? ""
    let limit = memory.limit.map { ", \(Memory.text($0)) by control group" } ?? ""
    let text = "\(Memory.text(PhysicalMemory.bytes))\(limit)\(available)"
    guard memory.usable < Memory.neededForTraining else { return Finding("memory", text) }
    return Finding(
      "memory", text, .warning, remedy: "stop other programs; training LeNet-5 needs about 90 MB")
  }

  private var images: Finding {
    do {
      let location = try data.location()
      let dataset = try MNISTDataset(at: location)
      try data.requireDataset(dataset.name)
      let counts = "\(dataset.train.count.grouped) + \(dataset.test.count.grouped)"
      let text = "\(dataset.name), \(counts) images in \(location.directory)"
      guard location.origin == .debian, data.dataset == nil else { return Finding("data", text) }
      return Finding("data", "no MNIST; \(text)", .warning, remedy: "mnist download")
    } catch DatasetError.notFound(let searched) {
      return Finding(
        "data", "none in \(searched.joined(separator: ", ")); 'mnist train' will try to download MNIST",
        .warning,
        remedy: "mnist download, or apt-get install dataset-fashion-mnist")
    } catch let error as DatasetNotFound {
      return Finding(
        "data", "no \(error.variant.title) in \(error.searched.joined(separator: ", "))", .warning,
        remedy: "mnist download --dataset \(error.variant.defaultValueDescription)")
    } catch let error as ValidationError {
      return unusable(error.message)
    } catch {
      return unusable("\(error)")
    }
  }

  /// - Parameter message: ends with the remedy.
  private func unusable(_ message: String) -> Finding {
    let parts = message.split(separator: "; ", maxSplits: 1).map(String.init)
    return Finding("data", parts.first ?? "unusable", .wrong, remedy: parts.count > 1 ? parts[1] : nil)
  }
}
