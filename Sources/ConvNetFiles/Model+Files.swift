import ConvNet

extension Model {
  /// Writes the model to a safetensors file, atomically. See ``ModelFile`` for class names, pixel scale and
  /// notes.
  ///
  /// - Throws: `ModelFileError.inFile` with the path and the reason.
  public func save(to path: String) throws(ModelFileError) { try ModelFile(self).write(to: path) }

  /// Reads a model from a file. Compile it before further training.
  ///
  /// - Parameters:
  ///   - path: the path of a model file.
  ///   - layerTypes: the types of the model's layers that are not of this package.
  ///   - seed: determines the order of images in every epoch.
  /// - Throws: `ModelFileError.inFile` with the path and the reason.
  public static func load(
    from path: String, layers layerTypes: [any Layer.Type] = [], seed: UInt64 = 0
  ) throws(ModelFileError) -> Model {
    try ModelFile(contentsOf: path, layers: layerTypes).model(seed: seed)
  }
}
