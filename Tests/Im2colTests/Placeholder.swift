import Im2col
import Testing

@Test func smoke() throws {
  for (padding, stride, dilation, groups, cin, cout, budget) in [
    (Padding.same, 1, 1, 1, 3, 5, 4096), (.valid, 2, 1, 1, 1, 6, 4096), (.same, 1, 2, 2, 4, 6, 65536),
    (.explicit(top: 3, bottom: 1, left: 0, right: 4), 1, 1, 1, 2, 20, 4096), (.sameExtent, 3, 1, 1, 1, 3, 8192),
    (.same, 1, 1, 1, 40, 33, 4096), (.same, 2, 1, 40, 40, 80, 4096),
  ] as [(Padding, Int, Int, Int, Int, Int, Int)] {
    let k = cin == 40 ? 3 : 4
    let (n, h, w) = (3, 11, 9)
    let g = try ConvolutionGeometry(
      input: [n, h, w, cin], kernel: [k, 3, cin / groups, cout], stride: Size2D(height: stride, width: stride),
      dilation: Size2D(height: dilation, width: dilation), groups: groups, padding: padding)
    var s: UInt64 = 7
    func fill(_ shape: [Int]) throws -> Tensor {
      try Tensor(
        shape: shape,
        scalars: (0..<shape.reduce(1, *)).map { _ in
          s = s &* 6364136223846793005 &+ 1442695040888963407
          return Float(Int(s >> 60) - 8)
        })
    }
    let x = try fill(g.inputShape)
    let kernel = try fill(g.kernelShape)
    let dy = try fill(g.outputShape)
    var y = [Float](repeating: 0, count: g.outputCount)
    var dx = [Float](repeating: 0, count: g.inputCount)
    var dk = [Float](repeating: 0, count: g.kernelCount)
    let W = g.window
    let cg = cin / groups, og = cout / groups
    for b in 0..<n { for i in 0..<W.height.output { for j in 0..<W.width.output { for o in 0..<cout {
      let oi = ((b * W.height.output + i) * W.width.output + j) * cout + o
      for u in 0..<k { for v in 0..<3 {
        let yy = i * stride - W.height.before + u * dilation, xx = j * stride - W.width.before + v * dilation
        guard yy >= 0, yy < h, xx >= 0, xx < w else { continue }
        for c in 0..<cg {
          let xi = ((b * h + yy) * w + xx) * cin + (o / og) * cg + c, ki = ((u * 3 + v) * cg + c) * cout + o
          y[oi] += x.scalars[xi] * kernel.scalars[ki]
          dx[xi] += dy.scalars[oi] * kernel.scalars[ki]
          dk[ki] += dy.scalars[oi] * x.scalars[xi]
        }
      } }
    } } } }
    for lowering in Lowering.allCases {
      let options = ComputeOptions(workers: try Workers(3), scratchBytes: budget, lowering: lowering)
      let st = Size2D(height: stride, width: stride), di = Size2D(height: dilation, width: dilation)
      let out = try convolve(x, kernel: kernel, padding: padding, stride: st, dilation: di, groups: groups, options: options)
      #expect(out.scalars == y)
      let gr = try convolutionGradients(of: dy, input: x, kernel: kernel, padding: padding, stride: st, dilation: di, groups: groups, options: options)
      #expect(gr.input.scalars == dx)
      #expect(gr.kernel.scalars == dk)
    }
  }
}
