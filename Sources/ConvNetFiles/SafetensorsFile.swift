import Glibc
import Im2col

/// The content of a safetensors file: named Float32 tensors in order, and metadata strings.
///
/// Python reads such a file with `safetensors.numpy.load_file(path)`. Every rule of the format is checked
/// before any data is read, and no file can cause a trap or an allocation beyond its own size. All bits of
/// the numbers are preserved, including NaN payloads. Names are compared as Swift strings, so two encodings
/// of one accented letter are duplicates.
///
///     var file = try SafetensorsFile([("conv1.kernel", kernel), ("conv1.bias", bias)])
///     file.metadata["format"] = "lenet5"
///     try file.write(to: "lenet5.safetensors")
public struct SafetensorsFile: Sendable, Equatable {
  /// A tensor and its name.
  public struct Entry: Sendable, Equatable {
    /// The name, unique in the file.
    public let name: String
    /// The tensor, with at most eight axes.
    public let tensor: Tensor
  }

  /// The tensors in the order of their data.
  public let entries: [Entry]
  /// Strings by name; checked when the file is encoded.
  public var metadata: [String: String]

  private let indices: [String: Int]

  /// Creates a file from its tensors in order.
  ///
  /// - Throws: `SafetensorsError` for a name that occurs twice, has more than 256 UTF-8 bytes, contains a NUL
  ///   or is `__metadata__`, for a tensor with more than eight axes, and for more than 4096 tensors.
  public init(
    _ tensors: [(name: String, tensor: Tensor)], metadata: [String: String] = [:]
  ) throws(SafetensorsError) {
    guard tensors.count <= SafetensorsLimits.tensors else {
      throw .tooManyTensors(limit: SafetensorsLimits.tensors)
    }
    for (name, tensor) in tensors {
      try SafetensorsHeader.requireUsable(name: name)
      guard name != SafetensorsHeader.metadataName else {
        throw .invalidName(name, reason: "is reserved for the metadata")
      }
      _ = try SafetensorsHeader.byteCount(of: tensor.shape, tensor: name)
    }
    try self.init(entries: tensors.map { Entry(name: $0.name, tensor: $0.tensor) }, metadata: metadata)
  }

  private init(entries: [Entry], metadata: [String: String]) throws(SafetensorsError) {
    var indices: [String: Int] = [:]
    for (index, entry) in entries.enumerated() {
      guard indices.updateValue(index, forKey: entry.name) == nil else { throw .duplicateName(entry.name) }
    }
    (self.entries, self.metadata, self.indices) = (entries, metadata, indices)
  }

  /// The tensor with this name, or nil.
  ///
  /// - Complexity: O(1).
  public subscript(name: String) -> Tensor? {
    indices[name].map { entries[$0].tensor }
  }

  // MARK: - Decoding

  /// Decodes a file in memory.
  ///
  /// - Throws: `SafetensorsError` with the rule that the file breaks.
  /// - Complexity: O(*n*) where *n* is the number of bytes.
  public init(decoding bytes: [UInt8]) throws(SafetensorsError) {
    var position = 0
    try self.init(size: bytes.count) { (buffer) throws(SafetensorsError) in
      bytes.withUnsafeBytes { all in
        buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: all[position..<position + buffer.count]))
      }
      position += buffer.count
    }
  }

  /// Reads a file. The header is checked before the data is read.
  ///
  /// - Throws: `SafetensorsError.access` when the file cannot be read or is not a regular file, else
  ///   `.inFile` with the path and the rule that the file breaks.
  public init(contentsOf path: String) throws(SafetensorsError) {
    do throws(SafetensorsError) {
      let file = try Self.access { () throws(FileError) in try RegularFile(path: path) }
      self = try Self(size: file.size) { (buffer) throws(SafetensorsError) in
        try Self.access { () throws(FileError) in try file.read(into: buffer) }
      }
    } catch .access(let error) {
      throw .access(error)
    } catch {
      throw .inFile(path: path, error)
    }
  }

  /// Converts file errors to `SafetensorsError.access`.
  private static func access<R: ~Copyable>(
    _ body: () throws(FileError) -> R
  ) throws(SafetensorsError) -> R {
    do throws(FileError) {
      return try body()
    } catch {
      throw .access(error)
    }
  }

  /// Decodes sequentially: length, header, then the data of each tensor.
  ///
  /// - Parameters:
  ///   - size: the total number of bytes.
  ///   - read: fills a buffer with the next bytes; never called for more than `size` bytes in total.
  private init(
    size: Int, read: (UnsafeMutableRawBufferPointer) throws(SafetensorsError) -> Void
  ) throws(SafetensorsError) {
    func next(_ count: Int) throws(SafetensorsError) -> [UInt8] {
      var bytes = [UInt8](repeating: 0, count: count)
      try bytes.withUnsafeMutableBufferPointer { buffer throws(SafetensorsError) in
        try read(UnsafeMutableRawBufferPointer(buffer))
      }
      return bytes
    }
    let length = try SafetensorsHeader.length(prefix: next(min(8, size)), fileSize: size)
    let header = try SafetensorsHeader(next(length), dataSize: size - 8 - length)

    var entries: [Entry] = []
    for entry in header.entries {
      var tensor = Tensor(zeros: entry.shape)
      try tensor.withUnsafeMutableScalars { scalars throws(SafetensorsError) in
        try read(UnsafeMutableRawBufferPointer(start: scalars, count: entry.end - entry.begin))
      }
      entries.append(Entry(name: entry.name, tensor: tensor))
    }
    try self.init(entries: entries, metadata: header.metadata)
  }

  // MARK: - Encoding

  /// Encodes the file; equal files give equal bytes.
  ///
  /// - Throws: `SafetensorsError` when the metadata breaks a rule or the header exceeds 1 MiB.
  /// - Complexity: O(*n*) where *n* is the number of bytes.
  public func encoded() throws(SafetensorsError) -> [UInt8] {
    let header = try SafetensorsHeader.encoded(
      entries.map { ($0.name, $0.tensor.shape) }, metadata: metadata)
    let size = entries.reduce(header.count) { $0 + $1.tensor.count * MemoryLayout<Float>.stride }
    return [UInt8](unsafeUninitializedCapacity: size) { buffer, initialized in
      let all = UnsafeMutableRawBufferPointer(buffer)
      all.copyBytes(from: header)
      initialized = header.count
      for entry in entries {
        entry.tensor.scalars.withUnsafeBytes { bytes in
          UnsafeMutableRawBufferPointer(rebasing: all[initialized...]).copyMemory(from: bytes)
          initialized += bytes.count
        }
      }
    }
  }

  /// Writes the file atomically; see `AtomicFile`.
  ///
  /// - Throws: what `encoded()` throws, or `SafetensorsError.access`.
  public func write(to path: String) throws(SafetensorsError) { try write(to: path, calls: FileCalls()) }

  package func write(
    to path: String, calls: FileCalls, followsLinks: Bool = true
  ) throws(SafetensorsError) {
    let bytes = try encoded()
    try Self.access { () throws(FileError) in
      try AtomicFile.write(bytes, to: path, calls: calls, followsLinks: followsLinks)
    }
  }
}
