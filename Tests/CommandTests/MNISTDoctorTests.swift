import CommandSupport
import Foundation
import Im2col
import Testing
import mnist

/// `mnist doctor`: every check in both formats, and status 1 only if training is impossible.
@Suite struct MNISTDoctorTests {
  private static let checks = [
    "build", "OpenBLAS", "self-test", "rounding", "CPU", "cores", "sgemm", "memory", "data",
  ]

  @Test func aMachineThatCanTrain() throws {
    let data = try SmallMNIST()
    let text = try MNISTCommandLine.run(["doctor", "--data", data.path])
    #expect(text.status == 0, "\(text.output)")
    let heads = text.lines.filter { !$0.hasPrefix(" ") }
    #expect(heads.count == Self.checks.count)
    for (line, name) in zip(heads, Self.checks) {
      #expect(line.split(separator: " ").dropFirst().first == Substring(name), "\(line)")
    }
    #expect(text.output.contains("mnist, 420 + 90 images in \(data.path)"))

    let run = try MNISTCommandLine.run(["doctor", "--data", data.path, "--json"])
    let row = try #require(try run.rows().first)
    let checks = try #require(row["checks"] as? [[String: Any]])
    #expect(row["ok"] as? Bool == true && run.lines.count == 1)
    #expect(checks.compactMap { $0["name"] as? String } == Self.checks)
    for check in checks {
      let verdict = try #require(check["verdict"] as? String)
      #expect(["ok", "warning"].contains(verdict))
      #expect((verdict == "ok") == (check["remedy"] == nil), "every warning has a remedy")
    }
  }

  @Test func unusableImages() throws {
    let data = try SmallMNIST()
    try data.replace("train-images-idx3-ubyte") { $0.removeLast() }
    let cases = [(data.path, "is cut short"), (data.file("nowhere"), "is not a folder")]
    for (folder, text) in cases {
      let run = try MNISTCommandLine.run(["doctor", "--data", folder, "--json"])
      #expect(run.status == 1 && run.messages.isEmpty)
      let checks = try #require(try run.rows().first?["checks"] as? [[String: Any]])
      let wrong = checks.filter { $0["verdict"] as? String == "wrong" }
      #expect(wrong.count == 1 && wrong.first?["name"] as? String == "data")
      #expect((wrong.first?["value"] as? String)?.contains(text) == true)
      #expect(wrong.first?["remedy"] as? String != nil)
    }
  }

  @Test func missingImagesAreOnlyAWarning() throws {
    let data = try SmallMNIST()
    let run = try MNISTCommandLine.run(["doctor"], environment: ["HOME": data.path, "XDG_CACHE_HOME": ""])
    #expect(run.status == 0)
    #expect(run.lines.contains { $0.hasPrefix("warning  data") })
    #expect(run.output.contains("fix: mnist download"))
  }

  @Test func forcedKernels() throws {
    let data = try SmallMNIST()
    let run = try MNISTCommandLine.run(
      ["doctor", "--data", data.path], environment: ["OPENBLAS_CORETYPE": "Haswell"])
    #expect(run.output.contains("forced by OPENBLAS_CORETYPE=Haswell"))
    #expect(run.output.contains("fix: unset OPENBLAS_CORETYPE"))
  }

  @Test func memoryOfAMachineAndItsControlGroups() {
    let info = "MemTotal:  100 kB\nMemAvailable:   2048 kB\nX: 1\n"
    #expect(Memory(meminfo: info, limits: []).available == 2 << 20)
    #expect(Memory(meminfo: info, limits: ["max\n", "1000000\n", "5000000"]).limit == 1_000_000)
    #expect(Memory(meminfo: info, limits: ["1000000"]).usable == 1_000_000)
    #expect(Memory(meminfo: "MemAvailable: 9223372036854775807 kB", limits: ["x"]).available == nil)
    #expect(Memory(meminfo: "", limits: []).limit == nil)
  }

  @Test func processors() {
    let text = "processor : 0\nmodel name\t: Some: CPU\nflags\t\t: fpu avx2 fma avx avx512fake\n"
    #expect(Processor(cpuinfo: text).name == "Some: CPU")
    #expect(Processor(cpuinfo: text).features == ["avx", "avx2", "fma"])
    #expect(Processor(cpuinfo: "").name == "unknown CPU" && Processor(cpuinfo: "").features.isEmpty)
    #expect(["x86-64-v4", "x86-64-v3", "baseline"].contains(Processor.kernelLevel))
  }

  @Test func aRemedyIsBelowItsFinding() {
    let findings = [
      Finding("a", "1"), Finding("long name", "2\u{1B}", .wrong, remedy: "do that"),
    ]
    let plain = Finding.table(findings, style: TextStyle(color: false, unicode: true))
    #expect(
      plain
        == "ok       a          1\nwrong    long name  2\\u{1B}\n                    fix: do that")
    let colored = Finding.table(findings, style: TextStyle(color: true, unicode: true))
    #expect(
      colored.hasPrefix("\u{1B}[32mok     \u{1B}[0m  a ") && colored.contains("\u{1B}[31mwrong  \u{1B}[0m"))
    #expect(colored.replacing(#/\u{1B}\[[0-9]+m/#, with: "") == plain)
  }

  @Test func aTerminalsTableIsWrapped() {
    let finding = Finding("data", "no MNIST in the cache", .warning, remedy: "mnist download")
    let style = TextStyle(color: false, unicode: true)
    #expect(
      Finding.table([finding], style: style, columns: 34)
        == """
        warning  data  no MNIST in the
                       cache
                       fix: mnist download
        """)
    #expect(
      Finding.table([finding], style: style, columns: 20) == Finding.table([finding], style: style))
  }

  @Test func coresUsedByOtherPrograms() {
    func finding(_ two: Double?, all: Double, cores: Int) -> Finding {
      SgemmRate.finding(one: 100, two: two, all: all, cores: cores, load: 3.94)
    }
    #expect(finding(nil, all: 100, cores: 1) == Finding("sgemm", "100.0 GFLOP/s on one core"))
    #expect(finding(150, all: 150, cores: 2).verdict == .good)
    #expect(finding(195, all: 700, cores: 8).value == "100.0 GFLOP/s on one core, 700.0 on 8")
    let loaded = finding(110, all: 110, cores: 2)
    #expect(loaded.verdict == .warning && loaded.remedy != nil)
    #expect(
      loaded.value.hasSuffix(
        "two cores reach 1.10 times the rate of one; other programs use the cores (load average 3.9)"),
      "\(loaded.value)")
  }
}
