import ConvNet
import ConvNetFiles
import Crypto
import Foundation
import Im2col
import MNISTData
import Mustache

/// The page of `mnist playground`: a model that computes forward and backward in the browser.
struct PlaygroundPage {
  let model: ModelFile
  let network: Sequential
  /// The test images, of which one per class is in the page.
  let test: LabeledImages

  /// The largest size of the page in bytes. LeNet-5's parameters take 329 KB of it.
  static let maxBytes = 600_000
  /// The largest number of outputs of all layers for one image: eight times LeNet-5's, so that a slow computer can
  /// compute and show them many times a second.
  static let maxOutputs = 65_536

  /// Checks what does not need the page, before any work.
  ///
  /// - Throws: `UnfitModel`.
  static func requireFit(_ model: Sequential) throws(UnfitModel) {
    guard model.inputShape == LeNet5.inputShape else { throw .input(model.inputShape) }
    // A number has four bytes, and base64 four characters for three bytes.
    let bytes = model.parameterCount * 16 / 3
    guard bytes <= maxBytes else {
      throw .size(bytes: bytes, limit: maxBytes, parameters: model.parameterCount)
    }
    let outputs = model.summaryRows.map { $0.outputShape.reduce(1, *) }.reduce(0, +)
    guard outputs <= maxOutputs else { throw .outputs(outputs, limit: maxOutputs) }
  }

  /// Renders the page.
  ///
  /// - Throws: `UnfitModel` if the page cannot show the model or would be too large.
  func page() throws -> String {
    try Self.requireFit(network)
    guard model.classNames.count == test.classNames.count else {
      throw UnfitModel.classes(model: model.classNames.count, images: test.classNames.count)
    }
    MustacheContentTypes.register(HTMLEscaping(), named: HTMLEscaping.name)
    let template =
      "{{%CONTENT_TYPE: \(HTMLEscaping.name)}}" + PlaygroundTemplate.head + "{{{styleSheet}}}"
      + PlaygroundTemplate.opening
      + KernelsTemplate.text + FeatureMapsTemplate.text + PlaygroundTemplate.end
    let page = try MustacheTemplate(string: template).render(PlaygroundView(self))
    guard page.utf8.count <= Self.maxBytes else {
      throw UnfitModel.size(bytes: page.utf8.count, limit: Self.maxBytes, parameters: network.parameterCount)
    }
    return page
  }

  /// Writes the page atomically.
  ///
  /// - Throws: `FileError` with the path and the reason.
  func write(to path: String) throws {
    try AtomicFile.write(Array(page().utf8), to: path, calls: FileWarnings.calls)
  }

  /// The first test image of each class, in the order of the classes.
  var examples: [Int] {
    test.classNames.indices.compactMap { label in (0..<test.count).first { test.label(of: $0) == label } }
  }
}

/// The values of the page's template.
struct PlaygroundView {
  let title, parameterCount, digest, version: String
  let kernels: KernelsView
  let featureMaps: FeatureMapsView
  let styleSheet, scriptDigest, data, script: String

  init(_ page: PlaygroundPage) throws {
    title = MNISTVariant(rawValue: page.test.name)?.title ?? page.test.name
    parameterCount = page.network.parameterCount.grouped
    (digest, version) = (page.model.digest, Versions.package)
    kernels = try KernelsView(page.network)
    featureMaps = try FeatureMapsView(
      ofImage: page.examples.first ?? 0, of: page.test, model: page.model, network: page.network)
    styleSheet = StyleSheet.text + PlaygroundSources.styleSheet
    script = PlaygroundSources.script
    scriptDigest = Data(SHA256.hash(data: Data(script.utf8))).base64EncodedString()
    data = try PlaygroundData(page).json()
  }
}

/// The data that the page's script reads.
struct PlaygroundData: Encodable {
  let model: NetDescription
  let images: [Example]
  let small: Small

  /// A test image: its bytes in base64.
  struct Example: Encodable {
    let index, label: Int
    let pixels: String
  }

  /// The integer net with its image.
  struct Small: Encodable {
    let net: NetDescription
    let image: [Float]
  }

  init(_ page: PlaygroundPage) throws {
    let divisor = page.model.pixelDivisor
    model = try NetDescription(page.network, classNames: page.model.classNames, pixelDivisor: divisor)
    images = page.examples.map { index in
      let bytes = page.test[index..<index + 1].tensor().scalars.map { UInt8(($0 * Float(divisor)).rounded()) }
      return Example(
        index: index, label: page.test.label(of: index), pixels: Data(bytes).base64EncodedString())
    }
    small = Small(
      net: try NetDescription(IntegerNet.model(), classNames: IntegerNet.classNames, pixelDivisor: 1),
      image: IntegerNet.image)
  }

  /// JSON in which no text can end the script element.
  func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(self), as: UTF8.self).replacing("<", with: "\\u003c")
  }
}
