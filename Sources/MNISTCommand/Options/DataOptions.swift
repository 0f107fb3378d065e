import ArgumentParser
import ConvNetFiles
import MNISTData

/// The source of the images.
struct DataOptions: ParsableArguments {
  @Option(
    name: .customLong("data"),
    help: ArgumentHelp(
      "The folder with the four MNIST files, raw or gzip; no other folder is searched.", valueName: "dir"),
    completion: .directory)
  var folder: String?

  @Option(
    help: ArgumentHelp(
      "The data set to search for. (default: digits, else fashion if that is installed)", valueName: "name"))
  var dataset: MNISTVariant?

  func validate() throws { try requireName(folder, "--data") }

  /// Finds the images without downloading any.
  func location() throws -> MNISTLocation {
    guard folder == nil, let dataset else { return try MNISTLocation.find(explicit: folder) }
    return try MNISTLocation.find(dataset)
  }

  /// Finds the images; downloads them if there are none, before falling back to Debian's Fashion-MNIST.
  func locationOrDownload(quiet: Bool) throws -> MNISTLocation {
    try DownloadDisplay(quiet ? nil : Terminal(.error)).watching { progress, isCancelled in
      let progress = { (event: MNISTDownload.Event) in
        // `printSource` reports the failure.
        if case .failed = event { return }
        progress(event)
      }
      guard folder == nil, let dataset else {
        return try MNISTLocation.findOrDownload(
          explicit: folder, progress: progress, isCancelled: isCancelled)
      }
      return try MNISTLocation.findOrDownload(dataset, progress: progress, isCancelled: isCancelled)
    }
  }

  /// The test images for a model; prints their source, and warns if their classes are not those of the model.
  func testImages(for file: ModelFile, quiet: Bool) throws -> LabeledImages {
    let location = try location()
    let images = try LabeledImages(.test, at: location, scale: file.pixelScale())
    try requireDataset(images.name)
    printSource(location, images.name, quiet: quiet)
    if let warning = classWarning(model: file.classNames, data: images) {
      StandardStream.error.message(warning)
    }
    return images
  }

  /// Checks that images are those of `--dataset`.
  ///
  /// - Throws: `ValidationError` if the folder has another data set.
  func requireDataset(_ name: String) throws {
    guard let dataset, dataset.rawValue != name else { return }
    throw ValidationError(
      "--dataset is \(dataset.defaultValueDescription), but --data has \(name); omit one of them")
  }

  /// Prints which images are used, unless `--data` is given.
  func printSource(_ location: MNISTLocation, _ name: String, quiet: Bool) {
    guard folder == nil, !quiet else { return }
    // Debian's package is not a fallback if Fashion-MNIST was chosen.
    let isChosen = dataset != nil && location.origin == .debian
    StandardStream.error.message(
      isChosen
        ? "using \(name) from \(location.directory) (Debian's dataset-fashion-mnist)"
        : location.announcement(for: name))
  }
}
