import SystemPackage

extension Checkpoint {
  /// Whether its file may have that name by now. Where it was done with, and few bytes of it are known, what no
  /// rotation made of its name is another file, which has its inode and begins as it did: a log of a few bytes is soon
  /// read again, and a line that is taken for read is lost.
  func mayHave(name: FilePath) -> Bool {
    if name == path || !isDone || max(head.byteCount, marker.byteCount) >= Fingerprint.markerByteLimit { return true }
    return Self.mayBe(path, rotatedTo: name)
  }

  /// Whether a rotation may give one name to the file of another.
  static func mayBe(_ path: FilePath, rotatedTo name: FilePath) -> Bool {
    RotatedName(name, of: path) != nil || RotatedName.base(of: name) == RotatedName.base(of: path)
  }
}

extension RotatedName {
  /// A name without the numbers or the date that rotations added to it.
  fileprivate static func base(of path: FilePath) -> Substring {
    let name = (FileContent(name: path) == .text ? path.lastComponent?.string : path.stem) ?? ""
    let added = name.reversed().prefix { isAdded($0) }
    return added.contains(where: \.isASCIIDigit) ? name.dropLast(added.count) : name[...]
  }
}
