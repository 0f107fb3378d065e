/// The header of a safetensors file, which is read and checked before any data.
///
///     +--------+----------------------------------------+------------------------------+
///     | length | {"a":{"dtype":"F32",...},...} + spaces | a's Float32, b's Float32 ... |
///     +--------+----------------------------------------+------------------------------+
///      8 bytes   `length` bytes of JSON                   offsets count from here
///      (little-endian)
///
/// Format: https://github.com/huggingface/safetensors#format
struct SafetensorsHeader {
  /// A tensor's position in the data.
  struct Entry {
    let name: String
    let shape: [Int]
    /// The range `begin..<end` in bytes from the start of the data.
    let begin, end: Int
  }

  /// The tensors in the order of the data, which they cover without gaps.
  private(set) var entries: [Entry] = []
  private(set) var metadata: [String: String] = [:]

  static let metadataName = "__metadata__"

  /// The length of the header, from the first eight bytes of a file of `fileSize` bytes.
  static func length(prefix: [UInt8], fileSize: Int) throws(SafetensorsError) -> Int {
    guard prefix.count == 8, fileSize >= 10 else { throw .tooShort(bytes: fileSize) }
    let declared = prefix.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard declared <= UInt64(SafetensorsLimits.headerBytes) else {
      throw .headerTooLong(bytes: declared, limit: SafetensorsLimits.headerBytes)
    }
    let length = Int(declared)
    guard length <= fileSize - 8 else { throw .headerBeyondEnd(header: length, file: fileSize) }
    return length
  }

  /// Decodes a header and checks that its tensors cover `dataSize` bytes exactly.
  init(_ bytes: [UInt8], dataSize: Int) throws(SafetensorsError) {
    var cursor = HeaderCursor(bytes, origin: 8)
    guard bytes.first == UInt8(ascii: "{") else { throw cursor.malformed("'{'") }
    var names: Set<String> = []
    var header = (entries: [Entry](), metadata: [String: String]())
    try cursor.readObject { (cursor: inout HeaderCursor, name: String) throws(SafetensorsError) in
      guard names.insert(name).inserted else { throw .duplicateName(name) }
      if name == Self.metadataName {
        header.metadata = try Self.readMetadata(&cursor)
      } else {
        guard header.entries.count < SafetensorsLimits.tensors else {
          throw .tooManyTensors(limit: SafetensorsLimits.tensors)
        }
        try Self.requireUsable(name: name)
        header.entries.append(try Self.readEntry(&cursor, name: name))
      }
    }
    guard cursor.isAtPadding else { throw cursor.malformed("only spaces before the data") }
    // The names may be in any order, so sort by offset. Empty tensors share their offsets.
    entries = header.entries.sorted { ($0.begin, $0.end) < ($1.begin, $1.end) }
    metadata = header.metadata
    try requireCoverage(of: dataSize)
  }

  /// Checks the rules for names, which hold for reading and writing.
  static func requireUsable(name: String) throws(SafetensorsError) {
    guard name.utf8.count <= SafetensorsLimits.nameBytes else {
      throw .invalidName(name, reason: "has more than \(SafetensorsLimits.nameBytes) UTF-8 bytes")
    }
    guard !name.utf8.contains(0) else { throw .invalidName(name, reason: "contains a NUL") }
  }

  /// The size of a tensor in bytes, checked for overflow.
  static func byteCount(of shape: [Int], tensor: String) throws(SafetensorsError) -> Int {
    guard shape.count <= SafetensorsLimits.axes else {
      throw .tooManyAxes(tensor: tensor, limit: SafetensorsLimits.axes)
    }
    var count = MemoryLayout<Float>.stride
    for axis in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: axis)
      guard !overflow, axis <= Int(Int32.max) else { throw .sizeOverflow(tensor: tensor, shape: shape) }
      count = product
    }
    return count
  }

  /// Bounds the memory for the data, because a failed allocation would end the process.
  private static func requireReadable(dataSize: Int) throws(SafetensorsError) {
    guard dataSize <= SafetensorsLimits.dataBytes else {
      throw .tooMuchData(bytes: dataSize, limit: SafetensorsLimits.dataBytes)
    }
  }

  // MARK: - Parts of the header

  private static func readMetadata(
    _ cursor: inout HeaderCursor
  ) throws(SafetensorsError) -> [String: String] {
    var metadata: [String: String] = [:]
    try cursor.readObject { (cursor: inout HeaderCursor, name: String) throws(SafetensorsError) in
      try requireUsable(name: name)
      let value = try cursor.readString()
      guard metadata.updateValue(value, forKey: name) == nil else { throw .duplicateName(name) }
    }
    return metadata
  }

  /// Reads `{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]}` with the fields in any order.
  private static func readEntry(
    _ cursor: inout HeaderCursor, name: String
  ) throws(SafetensorsError) -> Entry {
    var type: String?
    var shape: [Int]?
    var offsets: [Int]?
    try cursor.readObject { (cursor: inout HeaderCursor, field: String) throws(SafetensorsError) in
      switch field {
      case "dtype":
        guard type == nil else { throw .duplicateName(field) }
        type = try cursor.readString()
      case "shape":
        guard shape == nil else { throw .duplicateName(field) }
        shape = try cursor.readIntegers(limit: SafetensorsLimits.axes)
        guard shape != nil else { throw .tooManyAxes(tensor: name, limit: SafetensorsLimits.axes) }
      case "data_offsets":
        guard offsets == nil else { throw .duplicateName(field) }
        offsets = try cursor.readIntegers(limit: 2)
        guard offsets?.count == 2 else { throw cursor.malformed("two offsets") }
      default:
        throw cursor.malformed("a value of dtype, shape or data_offsets")
      }
    }
    guard let type else { throw .missingField(tensor: name, field: "dtype") }
    guard let shape else { throw .missingField(tensor: name, field: "shape") }
    guard let offsets else { throw .missingField(tensor: name, field: "data_offsets") }
    guard type == "F32" else { throw .unsupportedType(tensor: name, type: type) }
    return Entry(name: name, shape: shape, begin: offsets[0], end: offsets[1])
  }

  /// Checks that the tensors cover the data without gaps, overlaps or trailing bytes.
  private func requireCoverage(of dataSize: Int) throws(SafetensorsError) {
    var position = 0
    for entry in entries {
      let size = try Self.byteCount(of: entry.shape, tensor: entry.name)
      let (end, overflow) = position.addingReportingOverflow(size)
      guard !overflow else { throw .sizeOverflow(tensor: entry.name, shape: entry.shape) }
      guard entry.begin == position, entry.end == end else {
        throw .offsets(
          tensor: entry.name, shape: entry.shape, expected: [position, end], actual: [entry.begin, entry.end])
      }
      position = end
    }
    try Self.requireReadable(dataSize: position)
    guard position == dataSize else { throw .dataLength(tensors: position, file: dataSize) }
  }

  // MARK: - Writing

  /// The bytes of length and header, padded with spaces so that the data starts at a multiple of 8.
  static func encoded(
    _ tensors: [(name: String, shape: [Int])], metadata: [String: String]
  ) throws(SafetensorsError) -> [UInt8] {
    var members: [String] = []
    if !metadata.isEmpty {
      var pairs: [String] = []
      // Sorted, so that equal files have equal bytes.
      for (name, value) in metadata.sorted(by: { $0.key < $1.key }) {
        try requireUsable(name: name)
        guard !value.utf8.contains(0) else {
          throw .invalidName(name, reason: "has a value that contains a NUL")
        }
        pairs.append("\(json(name)):\(json(value))")
      }
      members.append("\(json(metadataName)):{\(pairs.joined(separator: ","))}")
    }
    var begin = 0
    for (name, shape) in tensors {
      let (end, overflow) = begin.addingReportingOverflow(try byteCount(of: shape, tensor: name))
      guard !overflow else { throw .sizeOverflow(tensor: name, shape: shape) }
      let axes = shape.map(String.init).joined(separator: ",")
      members.append(
        "\(json(name)):{\"dtype\":\"F32\",\"shape\":[\(axes)],\"data_offsets\":[\(begin),\(end)]}")
      begin = end
    }
    try requireReadable(dataSize: begin)
    var text = Array("{\(members.joined(separator: ","))}".utf8)
    text.append(contentsOf: [UInt8](repeating: UInt8(ascii: " "), count: (8 - text.count % 8) % 8))
    guard text.count <= SafetensorsLimits.headerBytes else {
      throw .headerTooLong(bytes: UInt64(text.count), limit: SafetensorsLimits.headerBytes)
    }
    return (0..<8).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) } + text
  }

  /// A JSON string, with quotes, backslashes and control characters escaped.
  private static func json(_ text: String) -> String {
    var json = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": json += "\\\(scalar)"
      case "\u{0}"..<" ":
        let digits = String(scalar.value, radix: 16)
        json += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: json.unicodeScalars.append(scalar)
      }
    }
    return json + "\""
  }
}
