import ConvNetFiles
import Im2col
import Testing

@Suite struct SafetensorsFuzzTests {
  @Test func damagedFilesNeverTrap() throws {
    let seed: UInt64 = 20_261_122
    var mutator = Mutator(seed: seed)
    let small = try SafetensorsFile(
      [("w", Tensor(shape: [2, 1], scalars: [1, 2])), ("b", Tensor(shape: [], scalars: [3]))],
      metadata: ["k": "v\n"])
    let originals = try [small.encoded(), sampleFile().encoded()]
    var refusals: [String: Int] = [:]
    var accepted = 0
    for index in 0..<20_000 {
      let bytes = mutator.mutate(originals[index % 8 == 7 ? 1 : 0])
      do throws(SafetensorsError) {
        let file = try SafetensorsFile(decoding: bytes)
        accepted += 1
        // A decoded file encodes to bytes that decode to the same bytes (compared as bytes, because NaN !=
        // NaN).
        let encoded = try file.encoded()
        let again = try SafetensorsFile(decoding: encoded).encoded()
        #expect(again == encoded, "seed \(seed), case \(index): \(bytes)")
      } catch {
        refusals[kind(of: error), default: 0] += 1
        #expect(!error.description.isEmpty)
      }
    }
    // The damage must reach every rule that a small file can break.
    let rules = [
      "tooShort", "headerTooLong", "headerBeyondEnd", "malformedHeader", "missingField", "unsupportedType",
      "sizeOverflow", "offsets", "dataLength", "duplicateName",
    ]
    for rule in rules { #expect(refusals[rule, default: 0] > 0, "\(rule) was never reached: \(refusals)") }
    #expect(accepted > 100)
  }
}
