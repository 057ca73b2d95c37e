import SystemPackage

/// Where a file is that may have been rotated away from another path, and what says when that was.
struct RotatedPlace {
  let path: FilePath
  let status: FileStatus
  /// What a rotation made of the name; nil where none would have made this one.
  let name: RotatedName?

  /// - Parameter original: from where it was rotated away.
  init(_ path: FilePath, _ status: FileStatus, from original: FilePath) {
    self.path = path
    self.status = status
    name = RotatedName(path, of: original)
  }

  /// Whether it was rotated away before the other: by the second in which it was written last, which is all that
  /// logrotate keeps when it compresses; then by the names.
  func isOlder(than other: RotatedPlace) -> Bool {
    let (time, otherTime) = (status.modifiedAt, other.status.modifiedAt)
    if time.components.seconds != otherTime.components.seconds { return time < otherTime }
    if let name, let otherName = other.name, name.shape == otherName.shape {
      if otherName.isLater(than: name) { return true }
      if name.isLater(than: otherName) { return false }
    }
    return time < otherTime
  }
}
