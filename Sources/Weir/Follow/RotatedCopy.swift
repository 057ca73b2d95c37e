import Coroutines
import SystemPackage

/// A file that was rotated away, found again in its folder: renamed, or copied before the original was truncated.
struct RotatedCopy {
  /// Entries of a folder that are looked at, at most; a folder with more is no folder for logs.
  static let entriesLimit = 10_000

  let path: FilePath
  let file: Descriptor
  let status: FileStatus

  /// The file of a checkpoint under another name in the same folder.
  static func renamed(_ checkpoint: Checkpoint) throws(SystemError) -> RotatedCopy? {
    try first(in: checkpoint.path) {
      $0.identity == checkpoint.identity
    } where: { copy throws(SystemError) in
      try checkpoint.fits(copy.file, size: copy.status.size)
    }
  }

  /// A copy of the file of a checkpoint: it has the bytes that the file had. Its name begins as the file's does
  /// (`app.log.1`, `app.log-20260101`, `app-1.log`), for files that are equal by chance are two files.
  static func copied(_ checkpoint: Checkpoint) throws(SystemError) -> RotatedCopy? {
    guard checkpoint.offset > 0, checkpoint.head.byteCount > 0, checkpoint.marker.byteCount > 0,
      let stem = checkpoint.path.stem
    else { return nil }
    return try first(in: checkpoint.path) {
      $0.identity != checkpoint.identity && $0.size >= checkpoint.offset
    } where: { copy throws(SystemError) in
      let name = copy.path.lastComponent?.string ?? ""
      guard name.hasPrefix(stem) else { return false }
      return try checkpoint.fits(copy.file, size: copy.status.size)
    }
  }

  /// The last written first: copies of copies are older.
  private static func first(
    in path: FilePath, _ isCandidate: (FileStatus) -> Bool, where isIt: (RotatedCopy) throws(SystemError) -> Bool
  ) throws(SystemError) -> RotatedCopy? {
    let folder = path.removingLastComponent()
    var candidates: [(path: FilePath, status: FileStatus)] = []
    for name in try Folder.names(in: folder).prefix(entriesLimit) {
      let other = folder.appending(name)
      guard let status = try? FileStatus.ofLink(other), status.kind == .regular, isCandidate(status),
        FileContent(name: other) == .text
      else { continue }
      candidates.append((other, status))
    }
    for (other, status) in candidates.sorted(by: { $0.status.modifiedAt > $1.status.modifiedAt }) {
      guard let (source, opened) = try? FileSource.open(other), case .file(let file) = source,
        opened.identity == status.identity
      else { continue }
      let copy = RotatedCopy(path: other, file: file, status: opened)
      if try isIt(copy) { return copy }
    }
    return nil
  }
}
