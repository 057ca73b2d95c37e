import Coroutines
import SystemPackage

/// A search for files that were rotated away, in the folder that they were in.
struct CopySearch {
  /// Entries of a folder that are looked at, at most; a folder with more is no folder for logs.
  static let entriesLimit = 10_000

  /// Why a file that may be the one that is sought was not looked at.
  struct Trouble {
    let path: FilePath
    let reason: String
  }

  /// What was met on the way.
  private(set) var troubles: [Trouble] = []
  private let files: any FileSystem
  private let own: OwnFiles

  /// - Parameter own: what is never looked into.
  init(_ files: any FileSystem, own: OwnFiles) {
    self.files = files
    self.own = own
  }

  /// The file of a checkpoint under another name in the same folder.
  mutating func renamed(_ checkpoint: Checkpoint) throws(SystemError) -> RotatedCopy? {
    let entries = try entries(beside: checkpoint.path) {
      $1.identity == checkpoint.identity || checkpoint.mayBeOf($1)
    }
    return try first(of: entries) { copy throws(SystemError) in
      try checkpoint.fits(copy.file, size: copy.status.size)
    }
  }

  /// A copy of the file of a checkpoint: it has the bytes that the file had. Its name begins as the file's does
  /// (`app.log.1`, `app.log-20260101`, `app-1.log`), for files that are equal by chance are two files.
  mutating func copied(_ checkpoint: Checkpoint) throws(SystemError) -> RotatedCopy? {
    guard checkpoint.offset > 0, checkpoint.head.byteCount > 0, checkpoint.marker.byteCount > 0,
      let stem = checkpoint.path.stem
    else { return nil }
    let entries = try entries(beside: checkpoint.path, stem: stem) { [own] path, status in
      status.identity != checkpoint.identity && status.size >= checkpoint.offset
        && own.use(of: path, status.identity) == nil
    }
    return try first(of: entries) { copy throws(SystemError) in
      try checkpoint.fits(copy.file, size: copy.status.size)
    }
  }

  /// Files that were under the name `path` after the one that `elder` says, and were rotated away too; the oldest
  /// first.
  ///
  /// - Parameter elderPath: where that one is now: others are named as it is.
  mutating func rotated(
    from path: FilePath, after elder: FileStatus, at elderPath: FilePath
  ) throws(SystemError) -> [RotatedCopy] {
    guard let elderName = RotatedName(elderPath, of: path), let stem = path.stem else { return [] }
    let entries = try entries(beside: path, stem: stem) { [own] other, status in
      guard status.identity != elder.identity, let name = RotatedName(other, of: path), name.shape == elderName.shape,
        own.use(of: other, status.identity) == nil
      else { return false }
      guard status.modifiedAt == elder.modifiedAt else { return status.modifiedAt > elder.modifiedAt }
      return name.isLater(than: elderName)
    }
    var found: [RotatedCopy] = []
    for (other, status) in entries {
      if let copy = open(other, status) { found.append(copy) }
    }
    return found.sorted { $0.isOlder(than: $1, from: path) }
  }

  /// Compressed files that a rotation may have made of `path`; the last written first.
  mutating func compressed(from path: FilePath) throws(SystemError) -> [FilePath] {
    try entries(beside: path, stem: path.stem) { other, _ in
      RotatedName(other, of: path)?.isCompressed == true
    }
    .map(\.path)
  }

  /// Whether there is any file that a rotation may have made of `path`.
  mutating func hasRotated(_ path: FilePath) throws(SystemError) -> Bool {
    try !entries(beside: path, stem: path.stem) { other, _ in RotatedName(other, of: path) != nil }
      .isEmpty
      || !troubles.isEmpty
  }

  /// Where a file that was at `path` is now, by a name that a rotation gives; nil if it has none.
  mutating func place(of identity: FileIdentity, from path: FilePath) throws(SystemError) -> FilePath? {
    try entries(beside: path, stem: path.stem) { other, status in
      status.identity == identity && RotatedName(other, of: path) != nil
    }.first?.path
  }

  /// Regular files in the folder of `path`; the last written first: copies of copies are older.
  ///
  /// - Parameter stem: how their names begin, if that is known: others are not even looked at.
  private mutating func entries(
    beside path: FilePath, stem: String? = nil, where isSought: (FilePath, FileStatus) -> Bool
  ) throws(SystemError) -> [(path: FilePath, status: FileStatus)] {
    let folder = path.removingLastComponent()
    let names = try files.names(in: folder)
    if names.count > Self.entriesLimit {
      troubles.append(
        Trouble(path: folder, reason: "it has \(names.count) entries, of which \(Self.entriesLimit) were looked at"))
    }
    var found: [(path: FilePath, status: FileStatus)] = []
    for name in names.prefix(Self.entriesLimit) where stem.map(name.string.hasPrefix) ?? true {
      let other = folder.appending(name)
      do throws(SystemError) {
        let status = try files.status(ofLink: other)
        if status.kind == .regular, other != path, isSought(other, status) { found.append((other, status)) }
      } catch {
        if !error.isAbsence { troubles.append(Trouble(path: other, reason: error.description)) }
      }
    }
    return found.sorted { $0.status.modifiedAt > $1.status.modifiedAt }
  }

  private mutating func first(
    of entries: [(path: FilePath, status: FileStatus)], where isIt: (RotatedCopy) throws(SystemError) -> Bool
  ) throws(SystemError) -> RotatedCopy? {
    for (path, status) in entries where FileContent(name: path) == .text {
      if let copy = open(path, status), try isIt(copy) { return copy }
    }
    return nil
  }

  private mutating func open(_ path: FilePath, _ status: FileStatus) -> RotatedCopy? {
    do throws(SystemError) {
      let (source, opened) = try files.open(path)
      guard case .file(let file) = source, opened.identity == status.identity else { return nil }
      let firstBytes = try file.bytes(at: 0, count: 16)
      guard FileContent(name: path) == .text, FileContent(firstBytes: firstBytes) == .text else {
        troubles.append(Trouble(path: path, reason: "it is not read as text"))
        return nil
      }
      return RotatedCopy(path: path, file: file, status: opened)
    } catch {
      if !error.isAbsence { troubles.append(Trouble(path: path, reason: error.description)) }
      return nil
    }
  }
}
