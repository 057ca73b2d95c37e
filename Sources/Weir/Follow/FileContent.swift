import SystemPackage

/// What kind of content a file has, from its first bytes.
enum FileContent: Equatable, Sendable {
  case text
  case compressed
  /// A database of SQLite; weir's own are such.
  case database

  private static let signatures: [(FileContent, [UInt8])] = [
    (.compressed, [0x1f, 0x8b]),  // gzip
    (.compressed, [0x1f, 0x9d]),  // compress
    (.compressed, [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]),  // xz
    (.compressed, [0x42, 0x5a, 0x68]),  // bzip2, checked further below
    (.compressed, [0x28, 0xb5, 0x2f, 0xfd]),  // zstd
    (.compressed, [0x04, 0x22, 0x4d, 0x18]),  // lz4
    (.database, Array("SQLite format 3\0".utf8)),
  ]
  private static let compressedNames = ["gz", "xz", "bz2", "zst", "lz4", "Z"]

  /// What a name promises, before anything is opened.
  init(name: FilePath) {
    self = name.extension.map { Self.compressedNames.contains($0) } == true ? .compressed : .text
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
