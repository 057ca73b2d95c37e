import Coroutines
import SystemPackage

/// Files that came under a name after the ones that are known.
extension CopySearch {
  /// Files that were under the name `path` after the one that is at `elder` now, and were rotated away too; the oldest
  /// first. Those that cannot be read have no copy.
  ///
  /// - Parameter known: checkpoints of files that are left out, as are those that came before them.
  mutating func rotated(
    from path: FilePath, after elder: (path: FilePath, status: FileStatus), unknownTo known: [Checkpoint]
  ) async throws -> [(path: FilePath, status: FileStatus, copy: RotatedCopy?)] {
    let elder = RotatedPlace(elder.path, elder.status, from: path)
    return try await rotated(from: path, unknownTo: known) { other, order in
      other.name?.shape == elder.name?.shape && other.status.identity != elder.status.identity
        && order.isOlder(elder, than: other)
    }
  }

  /// Files that were under the name `path`, were rotated away, and were written to since that time; the oldest first.
  /// Those that cannot be read have no copy.
  ///
  /// - Parameters:
  ///   - time: milliseconds since 1970.
  ///   - known: checkpoints of files that are left out.
  mutating func rotated(
    from path: FilePath, writtenAfter time: Int64, unknownTo known: [Checkpoint]
  ) async throws -> [(path: FilePath, status: FileStatus, copy: RotatedCopy?)] {
    // A file system tells the time in ticks of some milliseconds.
    try await rotated(from: path, unknownTo: known) { other, _ in other.status.modifiedAt.wholeMilliseconds >= time }
  }

  /// Files that were rotated away from `path` after all of those that are known, the oldest first.
  mutating func rotated(
    from path: FilePath, unknownTo known: [Checkpoint]
  ) async throws -> [(path: FilePath, status: FileStatus, copy: RotatedCopy?)] {
    try await rotated(from: path, unknownTo: known) { _, _ in true }
  }

  private mutating func rotated(
    from path: FilePath, unknownTo known: [Checkpoint], where isWanted: (RotatedPlace, RotatedOrder) -> Bool
  ) async throws -> [(path: FilePath, status: FileStatus, copy: RotatedCopy?)] {
    var rotated: [(path: FilePath, status: FileStatus, copy: RotatedCopy?)] = []
    let order = try order(from: path)
    for other in try candidates(for: path).sorted(by: { order.isOlder($0.place, than: $1.place) }) {
      guard other.place.name != nil, isWanted(other.place, order), !isOwn(other.file),
        let content = try await other.file.content(), content != .database
      else { continue }
      if try await isKnown(other.file, to: known) {
        // A file is followed after those before it: they were known too, until their inodes became those of others.
        rotated = []
        continue
      }
      rotated.append((other.path, other.status, content == .compressed ? nil : other.file.open()))
    }
    return rotated
  }

  /// Compressed files, of which only their names are read, that a rotation may have made of `path`; the last written
  /// first.
  mutating func unread(from path: FilePath) throws -> [FilePath] {
    try candidates(for: path).map(\.place)
      .filter { $0.name != nil && FileContent(name: $0.path) == .compressed }.map(\.path)
  }

  /// Whether there is any file that a rotation may have made of `path`.
  mutating func hasRotated(_ path: FilePath) throws -> Bool {
    try candidates(for: path).contains { $0.place.name != nil } || !troubles.isEmpty
  }

  /// What begins as a file of which nothing was read, the oldest first.
  func inOrder(_ alike: [RotatedFile], for checkpoint: Checkpoint) async throws -> [RotatedFile] {
    let size = UInt64(checkpoint.head.byteCount)
    guard size < FileHead.byteLimit else { return alike.reversed() }
    return try await oldestFirst(alike, having: size, seenAt: checkpoint.readAtMilliseconds)
  }

  /// The same files without those that had more than `size` when one was seen that had no more, if there are others.
  ///
  /// - Parameter time: milliseconds since 1970; 0: not known.
  func oldestFirst(
    _ alike: [RotatedFile], having size: UInt64, seenAt time: Int64
  ) async throws -> [RotatedFile] {
    if time == 0 { return alike.reversed() }
    var later: [RotatedFile] = []
    for file in alike {
      // Of compressed files the second alone is kept.
      let isOlder = file.status.modifiedAt.wholeMilliseconds + 1000 <= time
      if try await isOlder ? file.hasLess(than: size + 1) : true { later.append(file) }
    }
    return (later.isEmpty ? alike : later).reversed()
  }

  /// What was compressed of a file that was at `path`, and was written to after that, when it was deleted already.
  ///
  /// - Parameters:
  ///   - firstBytes: the file's first KiB.
  ///   - size: the file's.
  mutating func cutShort(
    of path: FilePath, firstBytes: [UInt8], size: UInt64
  ) async throws -> (path: FilePath, status: FileStatus)? {
    for other in try candidates(for: path) where other.file.isCompressed && !isOwn(other.file) {
      guard let head = try await other.file.firstBytes(), !head.isEmpty, firstBytes.starts(with: head),
        try await other.file.isShorter(than: size)
      else { continue }
      return (other.path, other.status)
    }
    return nil
  }
}
