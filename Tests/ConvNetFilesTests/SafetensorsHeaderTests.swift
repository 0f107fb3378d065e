import ConvNetFiles
import Testing

@Suite struct SafetensorsHeaderTests {
  @Test(arguments: badHeaders) func badHeadersAreRefusedForTheRightReason(_ bad: BadHeader) throws {
    let error = try #require(throws: SafetensorsError.self) { try SafetensorsFile(decoding: bad.file) }
    #expect(error.description.contains(bad.message), "\(error)")
  }

  @Test func whiteSpaceAndEscapesFollowJSON() throws {
    let header =
      "{\n\t\"a\\u0041\\n\\/\\ud83d\\ude00\\\"\" : { \"shape\" :[ 1 ,2\r] , \"dtype\":\"F32\", "
      + "\"data_offsets\":[0, 8] } , \"__metadata__\" : { \"k\" : \"\\b\\f\\r\\t\\\\\" } }   "
    let file = try SafetensorsFile(decoding: safetensors(header: Array(header.utf8), data: 8))
    #expect(file.entries.map(\.name) == ["aA\n/😀\""])
    #expect(file.entries[0].tensor.shape == [1, 2])
    #expect(file.metadata == ["k": "\u{8}\u{C}\r\t\\"])
  }

  @Test func theLengthIsCheckedFirst() throws {
    func error(_ bytes: [UInt8]) -> SafetensorsError? {
      #expect(throws: SafetensorsError.self) { try SafetensorsFile(decoding: bytes) }
    }
    #expect(error([]) == .tooShort(bytes: 0))
    #expect(error([2, 0, 0, 0, 0, 0, 0, 0, 0x7B]) == .tooShort(bytes: 9))
    #expect(error([3, 0, 0, 0, 0, 0, 0, 0, 0x7B, 0x7D]) == .headerBeyondEnd(header: 3, file: 10))
    let huge = [UInt8](repeating: 0xFF, count: 8) + [0x7B, 0x7D]
    #expect(error(huge) == .headerTooLong(bytes: .max, limit: 1 << 20))
    #expect(
      error([1, 0, 16, 0, 0, 0, 0, 0, 0x7B, 0x7D]) == .headerTooLong(bytes: 1 << 20 + 1, limit: 1 << 20))
  }

  @Test func everyTruncationIsAnError() throws {
    let bytes = try sampleFile().encoded()
    for count in 0..<bytes.count {
      #expect(throws: SafetensorsError.self, "truncated to \(count) of \(bytes.count)") {
        try SafetensorsFile(decoding: Array(bytes[..<count]))
      }
    }
  }
}
