import ConvNetFiles
import Foundation
import TestSupport
import Testing

/// A damaged checkpoint file is never read as a checkpoint.
@Suite struct CheckpointDamageTests {
  private let temporary: TemporaryFolder
  private let folder: CheckpointFolder
  private let path: String
  private let bytes: [UInt8]

  init() throws {
    temporary = try TemporaryFolder()
    folder = try CheckpointFolder(temporary.path)
    path = try folder.save(CheckpointSamples.checkpoint(step: 3), keep: 1)
    bytes = try contents(path)
  }

  private func isRefused(_ damaged: [UInt8]) throws -> Bool {
    try Data(damaged).write(to: URL(fileURLWithPath: path))
    do throws(CheckpointError) {
      _ = try folder.newest()
      return false
    } catch .noneUsable(_, let reasons) {
      return reasons.count == 1 && reasons[0].description.contains(path)
    } catch {
      return false
    }
  }

  @Test func oneFlippedBitInAnyByte() throws {
    for index in bytes.indices {
      var damaged = bytes
      damaged[index] ^= 1 << UInt8(index % 8)
      #expect(try isRefused(damaged), "bit \(index % 8) of byte \(index)")
    }
  }

  @Test func truncatedAndExtendedFiles() throws {
    for count in stride(from: 0, to: bytes.count, by: 7) + [bytes.count - 1] {
      #expect(try isRefused(Array(bytes[..<count])), "truncated to \(count) of \(bytes.count) bytes")
    }
    for tail in [[0], [UInt8](" ".utf8), [UInt8](repeating: 0, count: 4)] {
      #expect(try isRefused(bytes + tail), "\(tail)")
    }
  }

  @Test func mixedChanges() throws {
    var mutator = Mutator(seed: 29)
    for round in 0..<400 {
      let damaged = mutator.mutate(bytes)
      guard damaged != bytes else { continue }
      #expect(try isRefused(damaged), "seed 29, round \(round)")
    }
  }

  @Test func theUndamagedFileIsRead() throws {
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    #expect(try folder.newest().found?.checkpoint == CheckpointSamples.checkpoint(step: 3))
  }
}
