/// The mirrors of one download in turn; those that cannot be reached are asked once.
struct MirrorQueue {
  private var mirrors: [Mirror]
  private var timeLimit: TimeLimit

  init(_ mirrors: [Mirror], timeLimit: Duration) {
    (self.mirrors, self.timeLimit) = (mirrors, TimeLimit(timeLimit))
  }

  /// A file as it came, known to be the right one.
  struct File {
    /// With `.gz` where it is compressed; some servers unpack on the way.
    let name: String
    let bytes: [UInt8]
  }

  /// Fetches a file from the first mirror that has the right one.
  mutating func fetch(
    _ file: OriginalFile, _ isCancelled: () -> Bool, _ progress: (MNISTDownload.Event) -> Void
  ) throws(DownloadError) -> File {
    let asked = mirrors.count
    var attempts: [DownloadError.Attempt] = []
    for mirror in mirrors {
      progress(.asking(file: file.name, mirror: mirror.name))
      do throws(MirrorFailure) {
        let bytes = try Transfer.fetch(
          mirror.address(of: file.name), limit: Self.limit(for: file), timeLimit: &timeLimit,
          mirrors: asked - attempts.count, isCancelled: isCancelled
        ) { progress(.received(file: file.name, bytes: $0, announced: $1)) }
        let name = try Self.judge(bytes, as: file)
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

  /// Deflate makes no more of what it cannot compress.
  private static func limit(for file: OriginalFile) -> Int { file.length + file.length / 1000 + 1024 }

  /// The name to keep a file under if its content is the original's.
  private static func judge(_ bytes: [UInt8], as file: OriginalFile) throws(MirrorFailure) -> String {
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
