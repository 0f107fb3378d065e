import Foundation

/// The built `mnist`, run as a user runs it.
enum MNISTCommandLine {
  static let executable = CommandProcess.executable("mnist")

  /// Nobody listens on this port: a download ends at once.
  private static let unreachable = ["MNIST_DIR": "", "MNIST_MIRROR": "http://127.0.0.1:1/"]

  /// Runs to the end, without the folder of real images and without the web unless they are asked for.
  static func run(_ arguments: [String], environment: [String: String] = [:]) throws -> CommandProcess {
    try CommandProcess(executable, arguments, environment: unreachable.merging(environment) { $1 })
  }

  /// Runs a line of shell in which `$MNIST` is the command and `$1` a folder.
  static func shell(_ line: String, folder: String) throws -> CommandProcess {
    try CommandProcess(shell: line, environment: ["MNIST": executable.path, "DIR": folder])
  }
}

/// A folder with a small data set in MNIST's form that can be learned in seconds; gone with the value.
///
/// Class *c* is a bright bar across rows 2c+3 and 2c+4, at full or half strength, over faint noise.
final class SmallMNIST {
  let path: String

  static let trainCount = 420
  static let testCount = 90

  init() throws {
    path = FileManager.default.temporaryDirectory.appendingPathComponent("mnist-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    try write("train", count: Self.trainCount, seed: 1)
    try write("t10k", count: Self.testCount, seed: 2)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { path + "/" + name }

  /// The names in the folder besides the four data files.
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
      // Also half-way neighbors in the order have different classes.
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
