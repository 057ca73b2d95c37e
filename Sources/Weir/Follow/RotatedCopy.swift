import SystemPackage

/// A file that was rotated away, found again in its folder: renamed, or copied before the original was truncated.
struct RotatedCopy {
  let path: FilePath
  let file: any ReadableFile
  let status: FileStatus

  /// Whether it was rotated away from `path` before another was: by what was written last, or else by the names.
  func isOlder(than other: RotatedCopy, from path: FilePath) -> Bool {
    guard status.modifiedAt == other.status.modifiedAt else { return status.modifiedAt < other.status.modifiedAt }
    guard let name = RotatedName(self.path, of: path), let otherName = RotatedName(other.path, of: path) else {
      return false
    }
    return otherName.isLater(than: name)
  }
}
