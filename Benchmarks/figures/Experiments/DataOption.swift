import ArgumentParser
import MNISTData

/// The images of an experiment and the folder of its result.
struct DataOption: ParsableArguments {
  @Option(
    name: .customLong("data"),
    help:
      "The folder with the four files of MNIST or Fashion-MNIST (default: MNIST_DIR, the cache, or Debian's package)."
  )
  var folder: String?

  @Option(help: "The folder to write the result into.")
  var measured = MeasuredFolder.standard

  func dataset() throws -> MNISTDataset {
    let dataset = try MNISTDataset(at: MNISTLocation.find(explicit: folder))
    print(dataset.location.announcement(for: dataset.name))
    return dataset
  }
}
