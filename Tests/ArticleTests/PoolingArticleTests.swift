import ConvNet
import Im2col
import Testing

/// The snippets of `PoolingAndTies.md`.
struct PoolingArticleTests {
  @Test func forwardAndBothTieRules() throws {
    let transcript = Transcript()
    let print = transcript.print
    // article: begin forward
    let image = try Tensor(
      shape: [1, 4, 4, 1],
      scalars: [
        1, 3, 2, 2,
        3, 0, 2, 2,
        0, 5, 4, 1,
        1, 2, 0, 4,
      ])
    print(try pool(image, .max, window: 2, stride: 2).scalars)
    print(try pool(image, .average, window: 2, stride: 2).scalars)
    // article: end
    let forward = transcript.take()
    // article: begin backward
    let outputGradient = try Tensor(
      shape: [1, 2, 2, 1], scalars: [1, 2, 3, 4])
    for ties in [PoolingTies.first, .all] {
      let gradient = try poolingGradient(
        of: outputGradient, input: image, .max,
        window: 2, stride: 2, ties: ties)
      print(ties)
      for row in 0..<4 {
        print(gradient.scalars[4 * row..<4 * row + 4].map { Int($0) })
      }
    }
    // article: end
    let article = try Article("ConvNet/PoolingAndTies")
    try article.expect("forward", printed: forward)
    try article.expect("backward", printed: transcript)
  }
}
