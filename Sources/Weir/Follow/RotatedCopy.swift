import SystemPackage

/// A file that was rotated away, found again: renamed, copied before the original was truncated, or compressed.
struct RotatedCopy {
  let path: FilePath
  /// Its content; of a compressed one through gzip.
  let file: any ReadableFile
  /// As it was opened; of a compressed one, that of the compressed file.
  let status: FileStatus
  /// How much content it is known to have: at the least a byte more than what a checkpoint covers, if there is more.
  let size: UInt64
  /// Whether it was told by its first bytes and its size alone: then the checkpoint stands at its end.
  var isPresumed = false

  /// Whether it is read through gzip.
  var isCompressed: Bool { file.base !== file }

  /// Whether it has more than a checkpoint covers by which it was found.
  func hasMore(than checkpoint: Checkpoint) -> Bool { !isPresumed && size > checkpoint.offset }

  /// Whether it was rotated away from `path` before another was.
  func isOlder(than other: RotatedCopy, from path: FilePath) -> Bool {
    Self.isOlder((self.path, status), (other.path, other.status), from: path)
  }

  /// Whether the file that stands first was rotated away before the other: by the second in which it was written last,
  /// which is all that logrotate keeps when it compresses; then by the names.
  static func isOlder(
    _ file: (path: FilePath, status: FileStatus), _ other: (path: FilePath, status: FileStatus), from path: FilePath
  ) -> Bool {
    let (time, otherTime) = (file.status.modifiedAt, other.status.modifiedAt)
    if time.components.seconds != otherTime.components.seconds { return time < otherTime }
    if let name = RotatedName(file.path, of: path), let otherName = RotatedName(other.path, of: path),
      name.shape == otherName.shape, name.isLater(than: otherName) || otherName.isLater(than: name)
    {
      return otherName.isLater(than: name)
    }
    return time < otherTime
  }
}
