import Foundation
import Testing

/// Rows go to standard output and messages to standard error; a debug build prints no rate.
@Suite struct BenchOutputTests {
  /// Without `swift` in the path, a debug build prints the command to run and measures nothing.
  @Test(.enabled(if: !BenchProcess.isRelease)) func debugBuildsDoNotMeasure() throws {
    for command in ["layers", "lenet", "gemm", "profile"] {
      let bench = try BenchProcess([command, "--seconds", "0"], environment: ["PATH": "/nosuchfolder"])
      #expect(bench.status == 1)
      #expect(bench.output.isEmpty)
      #expect(bench.messages.contains("swift run -c release"), "\(bench.messages)")
      #expect(bench.messages.contains("bench \(command) --seconds 0"))
    }
  }

  /// A debug build runs the release build of this package with the same arguments.
  @Test(.enabled(if: !BenchProcess.isRelease)) func debugBuildsRunTheReleaseBuild() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("swift-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let stub = folder.appendingPathComponent("swift")
    try Data("#!/bin/sh\nprintf '%s\\n' \"$@\"\nexit 7\n".utf8).write(to: stub)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: stub.path)

    let bench = try BenchProcess(["layers", "--only", "lenet2"], environment: ["PATH": folder.path])
    #expect(bench.status == 7)
    #expect(Array(bench.lines.prefix(4)) == ["run", "--configuration", "release", "--package-path"])
    #expect(Array(bench.lines.suffix(4)) == ["bench", "layers", "--only", "lenet2"])
    let package = URL(fileURLWithPath: try #require(bench.lines.dropFirst(4).first))
    #expect(FileManager.default.fileExists(atPath: package.appendingPathComponent("Package.swift").path))
    #expect(bench.messages.contains("this is a debug build"))
  }

  @Test func aClosedPipeEndsSilently() throws {
    let shapes = try ShapesFixture(ShapesFixture.small)
    let line = "\"$BENCH\" layers --check --shapes '\(shapes.url.path)'"
    for ignored in ["", "trap '' PIPE; "] {
      let bench = try BenchProcess(shell: "\(ignored)\(line) | head -n 1")
      #expect(bench.lines.count == 1)
      for word in ["Fatal", "Crash", "Thread 0", "Error"] {
        #expect(!bench.messages.contains(word), "\(bench.messages)")
      }
    }
  }

  @Test func aFullDiskIsAnError() throws {
    let shapes = try ShapesFixture(ShapesFixture.small)
    let bench = try BenchProcess(
      shell: "\"$BENCH\" layers --check --shapes '\(shapes.url.path)' > /dev/full")
    #expect(bench.status == 1)
    #expect(bench.messages.contains("standard output: "))
  }

  @Test(.enabled(if: BenchProcess.isRelease)) func rowsOfLayers() throws {
    let shapes = try ShapesFixture(ShapesFixture.small)
    let bench = try BenchProcess([
      "layers", "--json", "--seconds", "0", "--shapes", shapes.url.path, "--only", "wide,first", "--scratch",
      "65536",
    ])
    #expect(bench.status == 0, "\(bench.messages)")
    let rows = try bench.rows()
    #expect(
      rows.map { $0["case"] as? String } == [
        "layer/first/forward", "layer/first/backward", "layer/wide/forward", "layer/wide/backward",
      ])
    for row in rows {
      for field in ["gflops", "fraction_of_sgemm", "milliseconds", "predicted_milliseconds"] {
        #expect((row[field] as? Double ?? 0) > 0, "\(field)")
      }
      #expect((row["scratch_bytes"] as? Int ?? .max) <= 65536)
      #expect(row["prepared_bytes"] is Int)
      let lowerings = [
        "gemm", "im2col", "direct", "rows", "depthwise", "grouped", "winograd2", "winograd4", "sparse",
      ]
      #expect(lowerings.contains(row["lowering"] as? String ?? "none"))
      #expect(row["threads"] is Int)
    }
  }

  @Test(.enabled(if: BenchProcess.isRelease)) func rowsOfLeNet() throws {
    let bench = try BenchProcess([
      "lenet", "--json", "--seconds", "0", "--batches", "2", "--threads", "1,2",
    ])
    #expect(bench.status == 0, "\(bench.messages)")
    let rows = try bench.rows()
    #expect(
      rows.map { $0["case"] as? String } == [
        "lenet5/train/b2", "lenet5/train/b2", "lenet5/infer/b2", "lenet5/infer/b2", nil, nil,
      ])
    #expect(rows.map { $0["threads"] as? Int } == [1, 2, 1, 2, 2, 2])
    for row in rows.prefix(4) { #expect((row["images_per_second"] as? Double ?? 0) > 0) }
    for row in rows.suffix(2) { #expect((row["ratio"] as? Double ?? 0) > 0 && row["sgemm_ratio"] is Double) }
  }

  @Test(.enabled(if: BenchProcess.isRelease)) func rowsOfProfile() throws {
    let bench = try BenchProcess(["profile", "--json", "--seconds", "0", "--batches", "16"])
    #expect(bench.status == 0, "\(bench.messages)")
    let rows = try bench.rows()
    let names = [
      "conv1+pool1/forward", "conv2+pool2/forward", "dense1/forward", "dense2/forward", "dense3/forward",
      "loss",
      "dense3/backward", "dense2/backward", "dense1/backward", "conv2+pool2/backward", "conv1+pool1/backward",
      "update", "rest", "step/b16",
    ]
    #expect(rows.map { $0["case"] as? String } == names.map { "profile/\($0)" })
    // The FLOPs of all ops add up to those of the step, which has no input gradient of conv1.
    let flops = rows.map { $0["flops"] as? Double ?? 0 }
    #expect(flops.dropLast().reduce(0, +) == flops.last)
  }

  @Test(.enabled(if: BenchProcess.isRelease)) func theTableIsAligned() throws {
    let shapes = try ShapesFixture(ShapesFixture.small)
    let bench = try BenchProcess(["layers", "--seconds", "0", "--shapes", shapes.url.path])
    #expect(bench.status == 0, "\(bench.messages)")
    #expect(bench.lines.count == 13)
    #expect(Set(bench.lines.map(\.count)).count == 1, "\(bench.output)")
  }
}
