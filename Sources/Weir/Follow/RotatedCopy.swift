import Coroutines
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

  /// How much content it has, where that is known: of a compressed one, where it was met to its end.
  var wholeSize: UInt64? {
    guard let gzip = file as? GzipFile else { return size }
    return gzip.ending == .whole ? gzip.knownSize : nil
  }

  /// Whether it has more than a checkpoint covers by which it was found.
  func hasMore(than checkpoint: Checkpoint) -> Bool { !isPresumed && size > checkpoint.offset }

  /// Whether it may have been written to since a time, in milliseconds since 1970; of a compressed file the second
  /// alone is kept.
  func isWritten(since time: Int64) -> Bool {
    let writtenAt = status.modifiedAt.wholeMilliseconds
    return isCompressed ? writtenAt / 1000 >= time / 1000 : writtenAt >= time
  }

  /// Whether it is a copy of that file, which was not truncated yet: that begins with all that is in the copy. Of a few
  /// bytes, where nothing was written since, or where they end within a line, as one that is being copied does; for
  /// short lines are alike.
  func isUntruncated(_ original: any ReadableFile, _ originalStatus: FileStatus) -> Bool {
    guard !isCompressed, status.size > 0,
      status.size > Fingerprint.markerByteLimit || status.modifiedAt >= originalStatus.modifiedAt
        || (status.size < originalStatus.size && endsWithinLine)
    else { return false }
    return (try? original.begins(with: file, size: status.size)) == true
  }

  private var endsWithinLine: Bool {
    guard let last = try? file.bytes(at: status.size - 1, count: 1).first else { return false }
    return last != 0x0a
  }
}
