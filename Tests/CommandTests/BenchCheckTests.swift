import Foundation
import Testing

/// Every case is checked before it is timed; injected errors test the check.
@Suite struct BenchCheckTests {
  @Test(arguments: ["automatic", "im2col"]) func smallLayersAreRight(lowering: String) throws {
    let shapes = try ShapesFixture(ShapesFixture.small)
    let bench = try BenchProcess([
      "layers", "--check", "--shapes", shapes.url.path, "--threads", "1,2", "--lowering", lowering,
    ])
    #expect(bench.status == 0, "\(bench.messages)")
    let names = ["first", "dilated", "grouped", "depthwise", "pointwise", "wide"]
    let expected = names.flatMap { name in
      ["forward", "backward"].flatMap { direction in
        [1, 2].map { "layer/\(name)/\(direction) is right with \($0) threads" }
      }
    }
    #expect(bench.lines == expected)
  }

  @Test func leNetIsRight() throws {
    let bench = try BenchProcess(["lenet", "--check", "--batches", "1,3", "--threads", "2"])
    #expect(bench.status == 0, "\(bench.messages)")
    #expect(bench.lines.count == 4)
  }

  /// A debug build checks a narrow network of the same structure in Double.
  @Test(arguments: ["1", "2"]) func alexNetIsRight(towers: String) throws {
    let bench = try BenchProcess([
      "alexnet", "--check", "--batches", "1", "--threads", "2", "--towers", towers,
    ])
    #expect(bench.status == 0, "\(bench.messages)")
    let net = towers == "2" ? "alexnet" : "alexnet1"
    #expect(
      bench.lines == [
        "\(net)/train/b1 is right with 2 threads", "\(net)/infer/b1 is right with 2 threads",
      ])
  }

  @Test func networksAreRight() throws {
    let bench = try BenchProcess([
      "nets", "--check", "--batches", "1,2", "--threads", "2", "--only", "resnet20,mnist_keras",
    ])
    #expect(bench.status == 0, "\(bench.messages)")
    #expect(
      bench.lines
        == ["resnet20", "mnist_keras"].flatMap { name in
          ["infer/b1", "train/b2", "infer/b2"].map { "net/\(name)/\($0) is right with 2 threads" }
        })
  }

  /// Memory is for parameters, gradient, momentum, activations, scratch, and little else; `bench` fails beyond that.
  @Test func alexNetStaysWithinItsMemory() throws {
    let bench = try BenchProcess(["alexnet", "--memory", "--batches", "3", "--threads", "2", "--json"])
    #expect(bench.status == 0, "\(bench.messages)")
    let row = try #require(try bench.rows().first)
    let (peak, allowed) = (
      try #require(row["peak_bytes"] as? Int), try #require(row["allowed_bytes"] as? Int)
    )
    let parameters = 4 * 60_965_224
    #expect(peak > 3 * parameters && peak <= allowed)
    #expect(allowed < 3 * parameters + 3 * 10_000_000 + 40_000_000 + 150_000_000)
  }

  /// `--check` runs the same code as a measurement up to the timing.
  @Test(arguments: [
    ("layers", "layer/wide/forward"), ("layers", "layer/wide/backward"), ("layers", "layer/first/backward"),
    ("lenet", "lenet5/train/b2"), ("lenet", "lenet5/infer/b2"), ("nets", "net/resnet20/train/b2"),
    ("nets", "net/resnet20/infer/b2"), ("gemm", "gemm/16x120x400"),
  ])
  func injectedErrorsAreFound(command: String, victim: String) throws {
    let shapes = try ShapesFixture(ShapesFixture.small)
    let options =
      switch command {
      case "lenet": ["--batches", "2"]
      case "nets": ["--batches", "2", "--only", "resnet20"]
      default: ["--shapes", shapes.url.path]
      }
    for mode in BenchProcess.isRelease ? [["--check"], ["--json", "--seconds", "0"]] : [["--check"]] {
      let bench = try BenchProcess(
        [command, "--threads", "2"] + options + mode, environment: ["BENCH_PLANT_ERROR": victim])
      #expect(bench.status == 1, "\(victim)")
      #expect(bench.messages.contains("\(victim) is wrong with 2 threads"), "\(bench.messages)")
      #expect(!bench.output.contains(victim), "a wrong case has no row")
    }
  }
}
