import ConvNetFiles
import Testing

@Suite struct ArithmeticFingerprintTests {
  @Test func fingerprintsAreStableDigests() throws {
    let one = try ArithmeticFingerprint.current()
    #expect(try ArithmeticFingerprint.current() == one)
    #expect(one.products.count == 64 && one.training.count == 64 && one.products != one.training)
    #expect(try BLASFingerprint.hexadecimal() == one.products)
  }
}
