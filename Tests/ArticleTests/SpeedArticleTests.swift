import ConvNet
import Im2col
import Testing
import figures

/// The snippets of `HowTheEngineIsFast.md`, and the numbers in its text.
struct SpeedArticleTests {
  @Test func theWorkOfEveryLayer() throws {
    let transcript = Transcript()
    let print = transcript.print
    // article: begin flops
    let model = try Sequential(
      inputShape: LeNet5.inputShape, layers: LeNet5.layers())
    for row in model.summaryRows where row.forwardFLOPs > 0 {
      print(row.name, Int(row.forwardFLOPs), row.lowering ?? "")
    }
    // article: end
    try Article("ConvNet/HowTheEngineIsFast").expect("flops", printed: transcript)
  }

  /// A row of `bench profile` or `bench gemm`.
  private struct Row: Decodable {
    let `case`: String
    let share: Double?
    let gflops: Double?
    let sgemm_gflops: Double?
  }

  private func rows(_ name: String) throws -> [Row] {
    try MeasuredFolder(path: Package.root.appendingPathComponent(MeasuredFolder.standard).path)
      .lines(Row.self, name)
  }

  @Test func theLargestPartOfAStep() throws {
    let parts = try rows("profile.jsonl").filter { $0.sgemm_gflops != nil }
    let largest = try #require(parts.max { ($0.share ?? 0) < ($1.share ?? 0) })
    let (share, rate) = (try #require(largest.share), try #require(largest.gflops))
    let roof = try #require(largest.sgemm_gflops)
    #expect(largest.case == "profile/conv2+pool2/forward")
    let text = "takes \(whole(share * 100))% of the time, at \(whole(rate)) of \(whole(roof)) GFLOP/s"
    #expect(try Article("ConvNet/HowTheEngineIsFast").prose.contains(text), "it is: \(text)")
  }

  @Test func theRoofs() throws {
    let article = try Article("ConvNet/HowTheEngineIsFast").prose
    let profile = try rows("profile.jsonl")
    let roofs = profile.compactMap { row in row.sgemm_gflops.map { (row.case, $0) } }
    let (highest, lowest) = (try #require(roofs.max { $0.1 < $1.1 }), try #require(roofs.min { $0.1 < $1.1 }))
    #expect(highest.0 == "profile/conv2+pool2/forward" && lowest.0 == "profile/conv1+pool1/forward")
    let square = try #require(try rows("gemm.jsonl").first { $0.case == "gemm/1024x1024x1024" }?.gflops)
    for (rate, words) in [
      (highest.1, "conv2's forward pass, sgemm reaches"), (square, "is this rate,"),
      (lowest.1, "with six output channels, it reaches"),
    ] {
      let text = "\(words) \(whole(rate)) GFLOP/s"
      #expect(article.contains(text), "it is: \(text)")
    }
  }

  private func whole(_ number: Double) -> Int { Int(number.rounded()) }
}
