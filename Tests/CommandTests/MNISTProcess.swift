import Foundation
import TestSupport

/// Runs the built `mnist`.
enum MNISTCommandLine {
  static let executable = CommandProcess.executable("mnist")

  /// No server listens on this port: a download fails at once.
  private static let unreachable = ["MNIST_DIR": "", "MNIST_MIRROR": "http://127.0.0.1:1/"]

  /// Runs to the end, by default without MNIST_DIR and without network access.
  static func run(_ arguments: [String], environment: [String: String] = [:]) throws -> CommandProcess {
    try CommandProcess(executable, arguments, environment: unreachable.merging(environment) { $1 })
  }

  /// Runs a shell command line in which `$MNIST` is the command and `$DIR` a folder.
  static func shell(_ line: String, folder: String) throws -> CommandProcess {
    try CommandProcess(shell: line, environment: ["MNIST": executable.path, "DIR": folder])
  }
}

/// A small data set in MNIST's format that is learned in seconds, in a folder removed with the value.
///
/// Class *c* is a bright bar across rows 2c+3 and 2c+4, at full or half brightness, on faint noise.
final class SmallMNIST {
  private let folder: TemporaryFolder
  /// Below the temporary folder: its name decides which data set it is.
  let path: String

  static let trainCount = 420
  static let testCount = 90

  init(_ name: String = "mnist") throws {
    folder = try TemporaryFolder()
    path = folder.file(name)
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    try write("train", count: Self.trainCount, seed: 1)
    try write("t10k", count: Self.testCount, seed: 2)
  }

  func file(_ name: String) -> String { path + "/" + name }

  /// The names in the folder other than the four data files.
  var otherFiles: [String] {
    get throws {
      try FileManager.default.contentsOfDirectory(atPath: path).filter { !$0.hasSuffix("-ubyte") }.sorted()
    }
  }

  func replace(_ name: String, _ change: (inout Data) -> Void) throws {
    let url = URL(fileURLWithPath: file(name))
    var data = try Data(contentsOf: url)
    change(&data)
    try data.write(to: url)
  }

  private func write(_ part: String, count: Int, seed: UInt32) throws {
    var state = seed
    func noise() -> UInt8 {
      state = state &* 1_664_525 &+ 1_013_904_223
      return UInt8(state >> 27)
    }
    var (pixels, labels) = (Data(), Data())
    for index in 0..<count {
      // Neighbors in the order have different classes.
      let label = (index * 7 + index / 10) % 10
      labels.append(UInt8(label))
      let strength: UInt8 = index % 2 == 0 ? 220 : 120
      for row in 0..<28 {
        let bar = row == 2 * label + 3 || row == 2 * label + 4
        for _ in 0..<28 { pixels.append(bar ? strength + noise() : noise()) }
      }
    }
    try (header(0x803, [count, 28, 28]) + pixels).write(
      to: URL(fileURLWithPath: file("\(part)-images-idx3-ubyte")))
    try (header(0x801, [count]) + labels).write(to: URL(fileURLWithPath: file("\(part)-labels-idx1-ubyte")))
  }

  private func header(_ magic: UInt32, _ sizes: [Int]) -> Data {
    Data(
      ([magic] + sizes.map { UInt32($0) }).flatMap { word in withUnsafeBytes(of: word.bigEndian) { Array($0) }
      })
  }
}
