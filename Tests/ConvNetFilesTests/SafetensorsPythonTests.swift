import ConvNetFiles
import Foundation
import Im2col
import TestSupport
import Testing

/// Interchange with the reference implementation; skipped, and reported as such, if it is not installed.
@Suite(.enabled(if: Python.isAvailable, "needs a Python with numpy and safetensors; see SAFETENSORS_PYTHON"))
struct SafetensorsPythonTests {
  @Test func filesRoundTripThroughPythonBitByBit() throws {
    let folder = try TemporaryFolder()
    let file = try sampleFile()
    try file.write(to: folder.file("ours.safetensors"))
    let script = """
      import sys
      from safetensors import safe_open
      from safetensors.numpy import load_file, save_file
      ours, theirs = sys.argv[1:]
      tensors = load_file(ours)
      assert all(str(t.dtype) == 'float32' for t in tensors.values())
      assert tensors['conv1.kernel'].shape == (3, 2, 1, 5)
      assert tensors['conv1.kernel'].ravel()[1] == -2.75
      metadata = safe_open(ours, framework='np').metadata()
      save_file(tensors, theirs, metadata=metadata)
      print(len(tensors))
      """
    let count = try Python.run(script, [folder.file("ours.safetensors"), folder.file("theirs.safetensors")])
    #expect(count == "\(file.entries.count)\n")

    let theirs = try SafetensorsFile(contentsOf: folder.file("theirs.safetensors"))
    #expect(theirs.metadata == file.metadata)
    #expect(theirs.entries.count == file.entries.count)
    for entry in file.entries {
      let tensor = try #require(theirs[entry.name], "\(entry.name)")
      #expect(tensor.shape == entry.tensor.shape, "\(entry.name)")
      #expect(tensor.scalars.map(\.bitPattern) == entry.tensor.scalars.map(\.bitPattern), "\(entry.name)")
    }
  }

  @Test func filesThatPythonRefusesAreRefused() throws {
    let verdicts = try pythonAccepts(badHeaders.map(\.file))
    for (bad, isAccepted) in zip(badHeaders, verdicts) {
      #expect(isAccepted == bad.isStricter, "\(bad.testDescription)")
    }
    #expect(verdicts.count { !$0 } >= 40)
  }

  @Test func damagedFilesGetTheSameVerdict() throws {
    let seed: UInt64 = 7
    var mutator = Mutator(seed: seed)
    let original = try sampleFile().encoded()
    let files = (0..<1000).map { _ in mutator.mutate(original) }
    var acceptedByBoth = 0
    for (index, isAccepted) in try pythonAccepts(files).enumerated() {
      do throws(SafetensorsError) {
        _ = try SafetensorsFile(decoding: files[index])
        #expect(isAccepted, "seed \(seed), case \(index): only this package reads \(files[index])")
        acceptedByBoth += 1
      } catch {
        guard isAccepted else { continue }
        let isStricter = stricterRules.contains { error.description.contains($0) }
        #expect(isStricter, "seed \(seed), case \(index): only Python reads it: \(error)")
      }
    }
    #expect(acceptedByBoth > 20)
  }

  /// Parts of the messages for files that only this package refuses; see `SafetensorsLimits`.
  private let stricterRules = [
    "occurs twice", "only F32 is supported", "without NUL", "a value of dtype, shape or data_offsets",
    "only spaces",
  ]

  /// Whether Python loads each file, in one process.
  private func pythonAccepts(_ files: [[UInt8]]) throws -> [Bool] {
    let folder = try TemporaryFolder()
    for (index, bytes) in files.enumerated() {
      try Data(bytes).write(to: URL(fileURLWithPath: folder.file("\(index)")))
    }
    let script = """
      import sys
      from safetensors.numpy import load
      for index in range(int(sys.argv[2])):
          with open(f'{sys.argv[1]}/{index}', 'rb') as file:
              data = file.read()
          try:
              load(data)
              print(1)
          except Exception:
              print(0)
      """
    return try Python.run(script, [folder.path, "\(files.count)"]).split(separator: "\n").map { $0 == "1" }
  }
}
