import ConvNet
import ConvNetFiles
import Foundation
import Im2col
import TestSupport
import Testing

@Suite struct ModelFileTests {
  private func leNet5(seed: UInt64 = 3) throws -> Sequential {
    try Sequential(inputShape: LeNet5.inputShape, layers: LeNet5.layers(), seed: seed)
  }

  /// A model with many kinds of layers, with and without names.
  private func oddModel() throws -> Sequential {
    try Sequential(
      inputShape: [9, 7, 4],
      layers: [
        .convolution(
          filters: 6, kernel: Size2D(height: 3, width: 2), stride: Size2D(height: 1, width: 2), groups: 2,
          padding: .explicit(top: 1, bottom: 0, left: 2, right: 1), activation: .tanh),
        .averagePooling(window: 2, stride: 1, padding: .same), .activation(.sigmoid), .dropout(rate: 0.3),
        .flatten,
        .dense(units: 3, activation: .softmax, name: "out"),
      ], seed: 11)
  }

  @Test func everyBitComesBack() throws {
    let folder = try TemporaryFolder()
    for (index, model) in [try leNet5(), try oddModel()].enumerated() {
      let names = (0..<model.outputShape[0]).map { "class \($0)" }
      let file = try ModelFile(model, pixelDivisor: 256, classNames: names, notes: ["seed": "3"])
      let path = folder.file("\(index).safetensors")
      try file.write(to: path)
      let again = try ModelFile(contentsOf: path)
      #expect(again == file)
      #expect(again.classNames == names && again.pixelDivisor == 256 && again.notes == ["seed": "3"])
      #expect(again.versions == .current)
      let copy = try again.model()
      #expect(copy.graph == model.graph)
      #expect(copy.parameters.map(\.bitPattern) == model.parameters.map(\.bitPattern))
      #expect(again.digest == ParameterDigest.hexadecimal(of: model.parameters))
      // Equal models give equal files.
      let first = try contents(path)
      try again.write(to: path)
      #expect(try contents(path) == first)
    }
  }

  @Test func aFileWithoutMetadataIsLeNet5() throws {
    let model = try leNet5()
    // In the order of their names, as Python's `save_file` writes them.
    let tensors = model.parameterTensors.sorted { $0.name < $1.name }.map { ($0.name, $0.tensor) }
    let file = try ModelFile(SafetensorsFile(tensors, metadata: ["format": "pt"]))
    #expect(
      file.graph == Graph(inputShape: LeNet5.inputShape, LeNet5.layers()) && file.pixelDivisor == 255
        && file.versions == nil)
    #expect(file.classNames == (0..<10).map(String.init))
    #expect(try file.model().parameters == model.parameters)
  }

  // MARK: - Refused files

  private func expectRefusal(
    _ text: String, metadata changes: [String: String?] = [:],
    tensors change: (inout [(name: String, tensor: Tensor)]) throws -> Void = { _ in },
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let whole = try ModelFile(oddModel()).safetensors()
    var tensors = whole.entries.map { (name: $0.name, tensor: $0.tensor) }
    try change(&tensors)
    var metadata = whole.metadata
    for (key, value) in changes { metadata[key] = value }
    let file = try SafetensorsFile(tensors, metadata: metadata)
    let error = #expect(throws: ModelFileError.self, sourceLocation: sourceLocation) { try ModelFile(file) }
    let description = error?.description ?? ""
    #expect(text.isEmpty || description.contains(text), "\(description)", sourceLocation: sourceLocation)
  }

  @Test func wrongTensors() throws {
    try expectRefusal("\"conv1.kernel\" of shape [3, 2, 2, 6] is missing") { $0.removeFirst() }
    try expectRefusal("no layer has a parameter \"extra\" (shape [2])") {
      $0.append(("extra", try Tensor(repeating: 0, shape: [2])))
    }
    try expectRefusal("\"conv1.kernel\" has shape [6, 2, 2, 3], but its layer needs [3, 2, 2, 6]") {
      $0[0].tensor = try $0[0].tensor.reshaped(to: [6, 2, 2, 3])
    }
    for value in [Float.nan, .infinity, -.infinity] {
      try expectRefusal("element 5 of the parameter \"conv1.kernel\" is \(value)") {
        $0[0].tensor.scalars[5] = value
      }
    }
    try expectRefusal("but \"") { $0[0].tensor.scalars[5].negate() }
  }

  @Test func wrongMetadata() throws {
    try expectRefusal("format is \"3\", but only formats up to 2", metadata: ["model_format": "3"])
    for key in ["layers", "input_shape", "pixel_divisor", "class_names", "versions", "notes"] {
      for text in ["", "{", "null,", "[[]]", "\"x\"", "1e999"] {
        try expectRefusal("\"\(key)\" is not the expected JSON", metadata: [key: text])
      }
    }
    try expectRefusal("\"pixel_divisor\" is 0", metadata: ["pixel_divisor": "0"])
    try expectRefusal("2 class names for outputs of shape [3]", metadata: ["class_names": #"["a","b"]"#])
    try expectRefusal("control characters", metadata: ["class_names": #"["a","b","\u001b[2J"]"#])
    try expectRefusal("control characters", metadata: ["notes": #"{"a":"x\ny"}"#])
    try expectRefusal("SHA-256", metadata: ["parameters_sha256": "0"])
    // A file without layers must contain LeNet-5.
    try expectRefusal(
      "has shape [3, 2, 2, 6], but its layer needs [5, 5, 1, 6]",
      metadata: ["layers": nil, "input_shape": nil])
  }

  /// Small files whose layers need terabytes, or more time than any process has.
  @Test func oversizedLayersAreRefused() throws {
    for shape in ["[]", "[0,1,1]", "[-1,4,4]", "[9,7]", "[9223372036854775807,9,9]", "[2147483648,1,4]"] {
      try expectRefusal("input", metadata: ["input_shape": shape])
    }
    try expectRefusal("the activations of one image are", metadata: ["input_shape": "[20000,20000,4]"])
    try expectRefusal("larger than memory", metadata: ["input_shape": "[2147483647,2147483647,4]"])
    let json = try #require(try ModelFile(oddModel()).safetensors().metadata["layers"])
    for (old, new, text) in [
      (#""filters":6"#, #""filters":1000000"#, "the activations of one image"),
      (#""filters":6"#, #""filters":0"#, "is 0"), (#""filters":6"#, #""filters":-6"#, "is -6"),
      (#""groups":2"#, #""groups":0"#, "groups is 0"), (#""groups":2"#, #""groups":3"#, "3 groups"),
      (#""units":3"#, #""units":99999999999"#, "99999999999"),
      (#""top":1"#, #""top":2000000"#, "the activations of one image"),
      // The limit that these exceed first depends on the machine's memory.
      (#""filters":6"#, #""filters":2147483646"#, ""), (#""top":1"#, #""top":2000000000"#, ""),
      (#""top":1"#, #""top":-1"#, "is -1"), (#""tanh""#, #""sinh""#, "is not the expected JSON"),
    ] {
      #expect(json.contains(old), "\(json)")
      try expectRefusal(text, metadata: ["layers": json.replacingOccurrences(of: old, with: new)])
    }
  }

  @Test func invalidModelsAreRefused() throws {
    let model = try leNet5()
    #expect(throws: ModelFileError.classCount(names: 2, outputs: [10])) {
      try ModelFile(model, classNames: ["a", "b"])
    }
    #expect(throws: ModelFileError.self) { try ModelFile(model, pixelDivisor: 0) }
    #expect(throws: ModelFileError.self) { try ModelFile(model, notes: ["a": "\u{1B}[31m"]) }
    var values = model.parameters
    values[156] = .nan
    try model.setParameters(values)
    let error = #expect(throws: ModelFileError.self) { try ModelFile(model) }
    #expect(error?.description.contains("element 0 of the parameter \"conv2.kernel\" is nan") == true)
  }

  @Test func messagesNameTheFile() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("m.safetensors")
    let file = try SafetensorsFile([("w", Tensor(shape: [1], scalars: [1]))])
    try file.write(to: path)
    for path in [path, folder.file("nowhere")] {
      let error = #expect(throws: ModelFileError.self) { try ModelFile(contentsOf: path) }
      #expect(error?.description.components(separatedBy: path).count == 2, "\(error?.description ?? "")")
    }
    let unwritable = #expect(throws: ModelFileError.self) {
      try ModelFile(leNet5()).write(to: folder.file("no/m.safetensors"))
    }
    #expect(unwritable?.description.contains("no/m.safetensors: No such file") == true)
  }

  @Test func damageNeverTraps() throws {
    let seed: UInt64 = 5
    var mutator = Mutator(seed: seed)
    let original = try ModelFile(oddModel()).safetensors().encoded()
    var (read, refused) = (0, 0)
    for index in 0..<2000 {
      guard let file = try? SafetensorsFile(decoding: mutator.mutate(original)) else { continue }
      do throws(ModelFileError) {
        let model = try ModelFile(file).model()
        #expect(model.parameterCount > 0, "seed \(seed), case \(index)")
        read += 1
      } catch {
        #expect(!error.description.isEmpty)
        refused += 1
      }
    }
    // Damage to the metadata may leave a valid safetensors file, and sometimes an equivalent one.
    #expect(refused > 50 && read > 0, "\(read) read, \(refused) refused")
  }
}

/// Model files in Python; skipped, and reported as such, if safetensors is not installed.
@Suite(.enabled(if: Python.isAvailable, "needs a Python with numpy and safetensors; see SAFETENSORS_PYTHON"))
struct ModelFilePythonTests {
  @Test func namesAndShapesAndAFileWithoutMetadata() throws {
    let folder = try TemporaryFolder()
    let model = try Sequential(inputShape: LeNet5.inputShape, layers: LeNet5.layers(), seed: 1)
    try ModelFile(model).write(to: folder.file("ours.safetensors"))
    let script = """
      import sys
      from safetensors.numpy import load_file, save_file
      tensors = load_file(sys.argv[1])
      print(tensors['conv1.kernel'].shape, tensors['conv2.kernel'].shape, tensors['dense1.kernel'].shape, len(tensors))
      save_file(tensors, sys.argv[2])
      """
    let printed = try Python.run(script, [folder.file("ours.safetensors"), folder.file("plain.safetensors")])
    #expect(printed == "(5, 5, 1, 6) (5, 5, 6, 16) (400, 120) 10\n")
    let plain = try ModelFile(contentsOf: folder.file("plain.safetensors"))
    #expect(plain.versions == nil && plain.digest == ParameterDigest.hexadecimal(of: model.parameters))
  }
}
