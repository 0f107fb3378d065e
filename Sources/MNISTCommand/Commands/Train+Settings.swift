import ConvNetFiles
import Im2col
import MNISTData

extension Train {
  /// The settings that determine the bits of a run, for its checkpoints. An option that changes the
  /// result belongs here; one that does not (threads, output, the number of epochs) does not.
  ///
  /// Optimizer, layers and seed of the model are compared separately; their options are listed here so that a
  /// mismatch names the option.
  func settings(
    _ dataset: MNISTDataset, training: LabeledImages, validation: LabeledImages?, options: ComputeOptions,
    start: ModelFile?
  ) -> TrainingSettings {
    var settings = TrainingSettings()
    settings.add("--seed", seed)
    for (name, value) in recipe.resumeSettings { settings.add(name, value) }
    settings.add("--scale", scale.rawValue)
    if let start { settings.add("the parameters of --from", start.digest) }
    settings.add("the data set", dataset.name)
    settings.add("the images' SHA-256", dataset.dataDigest())
    settings.add("the number of training images (--limit, --validation)", training.count)
    settings.add("the number of validation images (--validation)", validation?.count ?? 0)
    settings.add("the scratch budget", options.scratchBytes)
    settings.add("the lowering", options.lowering.rawValue)
    return settings
  }
}
