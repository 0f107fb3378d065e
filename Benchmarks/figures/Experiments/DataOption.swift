import ArgumentParser
import MNISTData

/// Which images a measurement uses.
struct DataOption: ParsableArguments {
  @Option(
    name: .customLong("data"),
    help:
      "The folder with the four files of MNIST or Fashion-MNIST; else MNIST_DIR, the cache, Debian's package."
  )
  var folder: String?

  @Option(help: "The folder to write the measurement into.")
  var measured = MeasuredFolder.standard

  func dataset() throws -> MNISTDataset {
    let dataset = try MNISTDataset(at: MNISTLocation.find(explicit: folder))
    print(dataset.location.announcement(for: dataset.name))
    return dataset
  }
}
