import SystemPackage

/// What kind of content a file has, from its first bytes.
enum FileContent: Equatable, Sendable {
  case text
  case gzip
  /// By another program, whose content is not had.
  case compressed
  /// A database of SQLite; weir's own are such.
  case database

  private static let signatures: [(FileContent, [UInt8])] = [
    (.gzip, [0x1f, 0x8b]),
    (.compressed, [0x1f, 0x9d]),  // compress
    (.compressed, [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]),  // xz
    (.compressed, [0x42, 0x5a, 0x68]),  // bzip2, checked further below
    (.compressed, [0x28, 0xb5, 0x2f, 0xfd]),  // zstd
    (.compressed, [0x04, 0x22, 0x4d, 0x18]),  // lz4
    (.database, Array("SQLite format 3\0".utf8)),
  ]
  private static let compressedNames = ["xz", "bz2", "zst", "lz4", "Z"]

  /// What a name promises, before anything is opened.
  init(name: FilePath) {
    switch name.extension {
    case "gz": self = .gzip
    case let suffix?: self = Self.compressedNames.contains(suffix) ? .compressed : .text
    case nil: self = .text
    }
  }

  /// What a file has that begins with these bytes, 16 if there are so many, and has this name. What is called as
  /// something compressed is never text; a `.gz` that is empty yet will be gzip.
  init(firstBytes: [UInt8], name: FilePath) {
    let (content, promise) = (FileContent(firstBytes: firstBytes), FileContent(name: name))
    if content != .text || promise == .text {
      self = content
    } else {
      self = promise == .gzip && [0x1f, 0x8b].starts(with: firstBytes) ? .gzip : .compressed
    }
  }

  /// What the first 16 bytes are of. Of bzip2 the level and the first block's magic number count too: `BZh` may
  /// begin a line.
  init(firstBytes: [UInt8]) {
    let found = Self.signatures.first { firstBytes.starts(with: $0.1) }
    let isPlainAfterAll =
      firstBytes.starts(with: [0x42, 0x5a, 0x68]) && !firstBytes.dropFirst(4).starts(with: [0x31, 0x41])
    self = isPlainAfterAll ? .text : found?.0 ?? .text
  }
}
