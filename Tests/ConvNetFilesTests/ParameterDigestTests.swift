import ConvNetFiles
import Im2col
import Testing

@Suite struct ParameterDigestTests {
  // hashlib.sha256(struct.pack('<4f', 1, -2, 0.5, 3)).hexdigest()
  private let known = "f8788ce138a2b6e54302c09bd3d5274cb2fc3ceca6425b02c788181d332edc6d"

  @Test func digestIsOfLittleEndianFloat32() throws {
    #expect(ParameterDigest.hexadecimal(of: [1, -2, 0.5, 3]) == known)
    // hashlib.sha256(b'').hexdigest()
    let nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    #expect(ParameterDigest.hexadecimal(of: [Float]()) == nothing)
  }

  @Test func digestDependsOnOrderAndSignNotOnShape() throws {
    let a = try Tensor(shape: [1, 1], scalars: [1])
    let b = try Tensor(shape: [3], scalars: [-2, 0.5, 3])
    #expect(ParameterDigest.hexadecimal(of: [a, b]) == known)
    #expect(ParameterDigest.hexadecimal(of: [b, a]) != known)
    #expect(ParameterDigest.hexadecimal(of: [Float(0)]) != ParameterDigest.hexadecimal(of: [-Float(0)]))
  }
}
