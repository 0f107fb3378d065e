import Foundation
import Testing

/// `bench compare` measures the cases of a file of rows.
@Suite struct BenchCompareTests {
  @Test(arguments: [
    ("", "has no row"), ("\n \n", "has no row"), (#"{"scaling": "x"}"#, "has no row"),
    ("case threads", "line 1 of the baseline: it is not a JSON object"),
    ("\n{", "line 2 of the baseline: it is not a JSON object"), ("[]", "it is not a JSON object"),
    (#"{"threads": 2}"#, #""case" is missing"#), (#"{"case": "x"}"#, #""fraction_of_sgemm" is missing"#),
    (row(#""case": "lenet5/train/b2""#, threads: "0"), #""threads" is missing or not in 1...64"#),
    (row(#""case": "lenet5/train/b2", "seconds": -1"#), #""seconds" is -1"#),
    (row(#""case": "lenet5/train/b0""#), "there is no case"),
    (row(#""case": "lenet5/eat/b2""#), "there is no case"),
    (row(#""case": "alexnet/train/b1000000""#), "there is no case"),
    (row(#""case": "alexnet2/train/b1""#), "there is no case"),
    (row(#""case": "gemm/3x4""#), "there is no case"),
    (row(#""case": "gemm/3x4x9999999999999999999""#), "there is no case"),
    (row(#""case": "layer/x/forward""#), #""name" is missing"#),
    (row(#""case": "lenet5/train/b2", "lowering_option": "fft""#), "bench does not accept"),
  ])
  func invalidBaselines(text: String, message: String) throws {
    let file = try ShapesFixture(text)
    let bench = try BenchProcess(["compare", file.url.path])
    #expect(bench.status == 1)
    #expect(bench.output.isEmpty)
    #expect(bench.messages.contains(message), "\(text) gave \(bench.messages)")
  }

  @Test func aFolderAsTheBaseline() throws {
    let bench = try BenchProcess(["compare", "/"])
    #expect(bench.status == 1)
    #expect(bench.messages.contains("cannot read the baseline /: it is a folder"), "\(bench.messages)")
  }

  @Test func usageErrors() throws {
    for arguments in [
      ["compare"], ["compare", "x", "--tolerance", "100"], ["compare", "x", "--tolerance", "-1"],
    ] {
      #expect(try BenchProcess(arguments).status == 64)
    }
  }

  @Test(.enabled(if: BenchProcess.isRelease)) func reportsSlowerCases() throws {
    let shapes = try ShapesFixture(ShapesFixture.small)
    let layers = try BenchProcess([
      "layers", "--json", "--seconds", "0", "--shapes", shapes.url.path, "--only", "wide", "--threads", "1",
    ])
    let lenet = try BenchProcess(["lenet", "--json", "--seconds", "0", "--batches", "1", "--threads", "1"])
    let text = layers.output + lenet.output
    #expect(text.split(separator: "\n").count == 4)
    // A speed never changes by a factor of a million.
    for (factor, verdict, status) in [("1e-6", "faster", 0), ("1e6", "slower", 1)] {
      let changed = text.replacing(
        try Regex(#""fraction_of_sgemm": [0-9.e-]+"#), with: "\"fraction_of_sgemm\": \(factor)")
      let file = try ShapesFixture(changed)
      let bench = try BenchProcess(["compare", file.url.path, "--json"])
      #expect(bench.status == Int32(status), "\(bench.messages)")
      #expect(try bench.rows().map { $0["verdict"] as? String } == Array(repeating: verdict, count: 4))
    }
  }

  static func row(_ fields: String, threads: String = "2") -> String {
    #"{"fraction_of_sgemm": 1, "threads": \#(threads), \#(fields)}"#
  }
}
