import ConvNetFiles
import Im2col
import MNISTData

extension Train {
  /// Everything that decides the bits of a training, for its checkpoints: an option that changes what is
  /// learned is added here, one that does not (threads, displays, the number of epochs) is not.
  ///
  /// Optimizer, layers and seed of the model are compared apart from this; those among the options stand here
  /// so that a disagreement names what people wrote.
  func settings(
    _ dataset: MNISTDataset, training: LabeledImages, validation: LabeledImages?, options: ComputeOptions
  ) -> TrainingSettings {
    var settings = TrainingSettings()
    settings.add("--seed", seed)
    for (name, value) in recipe.decisions { settings.add(name, value) }
    settings.add("--scale", scale.rawValue)
    settings.add("the data set", dataset.name)
    settings.add("the images' SHA-256", dataset.dataDigest())
    settings.add("the number of training images (--limit, --validation)", training.count)
    settings.add("the number of validation images (--validation)", validation?.count ?? 0)
    settings.add("the scratch budget", options.scratchBytes)
    settings.add("the lowering", options.lowering.rawValue)
    return settings
  }
}
