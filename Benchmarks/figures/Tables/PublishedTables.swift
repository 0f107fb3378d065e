import Foundation
import Im2col

/// The tables that README.md, Benchmarks/README.md and the articles show, made from the measurements.
struct PublishedTables {
  let measured: MeasuredFolder
  /// The folder with the lists of layers that were measured.
  let peers: URL

  init(_ measured: MeasuredFolder, peers: URL) { (self.measured, self.peers) = (measured, peers) }

  /// The blocks by name.
  func all() throws -> [String: String] {
    [
      "machine": try machine(), "lenet": try lenet(), "alexnet": try alexnet(), "memory": try memory(),
      "layers": try layers("layers"), "kinds": try kinds(), "kinds-layers": try layers("kinds"),
      "speed-summary": try speedSummary(),
    ]
  }

  // MARK: - Against other libraries

  private static let libraries = [
    "torch": "PyTorch", "tensorflow": "TensorFlow", "onnxruntime": "ONNX Runtime", "openvino": "OpenVINO",
  ]

  private func cases(_ name: String) throws -> [ComparedCase] {
    try measured.lines(ComparedCase.self, name + ".jsonl")
  }

  /// What the numbers were measured on and with.
  private func machine() throws -> String {
    let header = try measured.header("lenet.jsonl")
    let versions = (header.peers ?? [:]).sorted { $0.key < $1.key }
      .map { "\(PublishedTables.libraries[$0.key] ?? $0.key) \($0.value)" }
    return """
      \(header.cpu), \(header.cores) cores; OpenBLAS \(header.openblas); Swift \(header.swift). Other libraries: \
      \(versions.joined(separator: ", ")). Commit \(header.commit), \(header.date).
      """
  }

  /// How often, how long and by which command a comparison was measured.
  private func caption(_ name: String, _ unit: String) throws -> String {
    let header = try measured.header(name + ".jsonl")
    let (rounds, seconds, threads) = (header.rounds ?? 1, header.seconds ?? 0, header.threads ?? 1)
    return """
      \(unit), \(threads) threads, \(rounds) \(rounds == 1 ? "round" : "rounds") with \(String(format: "%g", seconds)) s per \
      case: `\(header.command)`
      """
  }

  private func rows(_ cases: [ComparedCase]) -> String {
    var table = MarkdownTable(header: ["case", "ours", "best other", "library", "ratio"])
    for item in cases {
      let round = item.medianRound
      table.rows.append([
        "`\(item.name)`", TableNumber.rate(item.ours[round]), TableNumber.rate(item.peer[round]),
        PublishedTables.libraries[item.framework[round]] ?? item.framework[round],
        TableNumber.ratio(item.medianRatio, of: item.ratios),
      ])
    }
    return table.text
  }

  private func lenet() throws -> String {
    try caption("lenet", "Images per second") + "\n\n" + rows(cases("lenet"))
  }

  private func alexnet() throws -> String {
    try """
    \(caption("alexnet", "Images per second"))

    \(rows(cases("alexnet")))

    \(caption("alexnet-one-tower", "The net without groups: images per second"))

    \(rows(cases("alexnet-one-tower")))
    """
  }

  /// The two cases of each layer in one row.
  private func layers(_ name: String) throws -> String {
    let shapes = try JSONDecoder().decode(
      [ComparedLayer].self, from: Data(contentsOf: peers.appendingPathComponent(name + ".json")))
    let cases = Dictionary(uniqueKeysWithValues: try cases(name).map { ($0.name, $0) })
    var table = MarkdownTable(
      header: [
        "layer", "kernel, channels, images", "forward", "PyTorch", "ratio", "backward", "PyTorch", "ratio",
      ])
    for shape in shapes {
      var row = ["`\(shape.name)`", shape.text]
      for direction in PublishedTables.directions {
        guard let item = cases["layer/\(shape.name)/\(direction)"] else {
          throw MissingCase(description: "\(name).jsonl has no layer/\(shape.name)/\(direction)")
        }
        row += [
          TableNumber.rate(item.ours[item.medianRound]), TableNumber.rate(item.peer[item.medianRound]),
          TableNumber.ratio(item.medianRatio, of: item.ratios),
        ]
      }
      table.rows.append(row)
    }
    let means = try PublishedTables.directions.map { direction in
      try "\(direction) \(TableNumber.ratio(mean(name, direction)))"
    }
    return try """
    \(caption(name, "GFLOP/s"))

    Geometric means of the ratios: \(means.joined(separator: ", ")).

    \(table.text)
    """
  }

  private static let directions = ["forward", "backward"]

  private func mean(_ name: String, _ direction: String) throws -> Double {
    try cases(name).filter { $0.name.hasSuffix("/" + direction) }.map(\.medianRatio).geometricMean
  }

  /// The kinds of layers, in the order in which a reader may look for them.
  private static let kinds = [
    ("gray", "one input channel"), ("color", "three input channels"), ("small_net", "3x3 on small images"),
    ("small_image", "3x3, images of 7x7"), ("pointwise", "1x1"), ("line", "1xn and nx1"),
    ("large", "9x9 to 16x16"), ("stride2", "3x3, stride 2"), ("dilated", "3x3, dilated"),
    ("grouped", "grouped"), ("depthwise", "depthwise"),
  ]

  /// The geometric mean of each kind of layer.
  private func kinds() throws -> String {
    let cases = try cases("kinds")
    var table = MarkdownTable(header: ["layers", "number", "forward", "backward"])
    for (kind, text) in PublishedTables.kinds {
      let own = cases.filter { $0.name.hasPrefix("layer/\(kind)_") }
      table.rows.append(
        [text, "\(own.count / 2)"]
          + PublishedTables.directions.map { direction in
            let ratios = own.filter { $0.name.hasSuffix("/" + direction) }.map(\.medianRatio)
            return TableNumber.ratio(ratios.geometricMean, of: ratios)
          })
    }
    table.rows.append(
      ["all", "\(cases.count / 2)"]
        + (try PublishedTables.directions.map { TableNumber.ratio(try mean("kinds", $0)) }))
    return try """
    \(caption("kinds", "Our rate over PyTorch's, geometric mean (lowest .. highest layer)"))

    \(table.text)
    """
  }

  /// Three rows for the package's README, and the means over single layers.
  private func speedSummary() throws -> String {
    var table = MarkdownTable(header: ["images per second", "this package", "best other library", "ratio"])
    for (title, name, file) in [
      ("LeNet-5, training, 32 images per step", "lenet5/train/b32", "lenet"),
      ("LeNet-5, inference, 32 images", "lenet5/infer/b32", "lenet"),
      ("AlexNet, training, 8 images per step", "alexnet/train/b8", "alexnet"),
    ] {
      guard let item = try cases(file).first(where: { $0.name == name }) else {
        throw MissingCase(description: "\(file).jsonl has no \(name)")
      }
      let round = item.medianRound
      let library = PublishedTables.libraries[item.framework[round]] ?? item.framework[round]
      table.rows.append([
        title, TableNumber.rate(item.ours[round]), "\(TableNumber.rate(item.peer[round])) (\(library))",
        TableNumber.ratio(item.medianRatio, of: item.ratios),
      ])
    }
    func means(_ name: String) throws -> String {
      let means = try PublishedTables.directions.map { TableNumber.ratio(try mean(name, $0)) }
      return "\(means[0]) forward and \(means[1]) backward"
    }
    return try """
    \(table.text)

    Single layers, over PyTorch, geometric means: \(means("layers")) for \(cases("layers").count / 2) layers of \
    AlexNet, VGG, ResNet and LeNet-5; \(means("kinds")) for \(cases("kinds").count / 2) layers of other kinds.
    """
  }

  // MARK: - This package alone

  /// A row of `bench alexnet --memory --json`.
  private struct MemoryRow: Decodable {
    let `case`: String
    let peak_bytes, allowed_bytes, parameter_bytes, activation_bytes, scratch_bytes: Int
  }

  private func memory() throws -> String {
    var table = MarkdownTable(
      header: [
        "case", "peak", "allowed", "parameters, gradient, momentum", "activations", "scratch",
      ])
    for row in try measured.lines(MemoryRow.self, "memory.jsonl") {
      let sizes = [
        row.peak_bytes, row.allowed_bytes, 3 * row.parameter_bytes, row.activation_bytes, row.scratch_bytes,
      ]
      table.rows.append(["`\(row.case)`"] + sizes.map(TableNumber.megabytes))
    }
    return try "MB: `\(measured.header("memory.jsonl").command)`\n\n" + table.text
  }

  struct MissingCase: Error, CustomStringConvertible { let description: String }
}
