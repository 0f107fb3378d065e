/// The mirrors of one download, tried in order; unreachable mirrors are removed.
struct MirrorQueue {
  private var mirrors: [Mirror]
  private var timeLimit: TimeLimit

  init(_ mirrors: [Mirror], timeLimit: Duration) {
    (self.mirrors, self.timeLimit) = (mirrors, TimeLimit(timeLimit))
  }

  /// A downloaded and verified file.
  struct File {
    /// The name, with `.gz` if the file is compressed; some servers decompress it.
    let name: String
    let bytes: [UInt8]
  }

  /// Downloads a file from the first mirror that provides the original.
  mutating func download(
    _ file: OriginalFile, _ isCancelled: () -> Bool, _ progress: (MNISTDownload.Event) -> Void
  ) throws(DownloadError) -> File {
    let count = mirrors.count
    var attempts: [DownloadError.Attempt] = []
    for mirror in mirrors {
      progress(.requested(file: file.name, mirror: mirror.name))
      do throws(MirrorFailure) {
        let bytes = try Transfer.download(
          mirror.address(of: file.name), limit: Self.limit(for: file), timeLimit: &timeLimit,
          mirrors: count - attempts.count, isCancelled: isCancelled
        ) { progress(.received(file: file.name, bytes: $0, announced: $1)) }
        let name = try Self.verifiedName(of: bytes, as: file)
        progress(.verified(file: file.name, bytes: bytes.count))
        return File(name: name, bytes: bytes)
      } catch {
        guard error != .cancelled else { throw .cancelled }
        progress(.failed(file: file.name, mirror: mirror.name, error))
        attempts.append(.init(mirror: mirror.name, failure: error))
        if error.endsMirror { mirrors.removeAll { $0 == mirror } }
      }
    }
    throw .noMirror(file: file.name, attempts: attempts)
  }

  /// The maximum size of a file that Deflate cannot compress.
  private static func limit(for file: OriginalFile) -> Int { file.length + file.length / 1000 + 1024 }

  /// Checks that the content is the original's, and returns the name to write it to.
  private static func verifiedName(of bytes: [UInt8], as file: OriginalFile) throws(MirrorFailure) -> String {
    let start = bytes.first { ![0x20, 0x09, 0x0a, 0x0d, 0xef, 0xbb, 0xbf].contains($0) }
    guard start != UInt8(ascii: "<") else { throw .webPage }
    let (name, digest): (String, String)
    do throws(DatasetError) {
      let reader = try PayloadReader(MemorySource(bytes, name: file.name))
      name = file.name + (reader.isGzip ? ".gz" : "")
      digest = try file.digest(of: reader)
    } catch {
      throw .damaged(error)
    }
    guard digest == file.digest else {
      throw .otherContent(expected: file.digest, actual: digest)
    }
    return name
  }
}
