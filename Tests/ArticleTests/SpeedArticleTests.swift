import ConvNet
import Im2col
import Testing

/// The snippets of `HowTheEngineIsFast.md`.
struct SpeedArticleTests {
  @Test func theWorkOfEveryLayer() throws {
    let transcript = Transcript()
    let print = transcript.print
    // article: begin flops
    let model = try Sequential(inputShape: LeNet5.inputShape, layers: LeNet5.layers())
    for row in model.summaryRows where row.forwardFLOPs > 0 {
      print(row.name, Int(row.forwardFLOPs), row.lowering ?? "")
    }
    // article: end
    try Article("ConvNet/HowTheEngineIsFast").expect("flops", printed: transcript)
  }
}
