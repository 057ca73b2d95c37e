import Coroutines
import Glibc
import SystemPackage

/// A followed file that is closed when too many are open, and opened again when it is read: found by its inode number
/// under the name that it had, or under another one in the same folders.
///
/// Whether the bytes are still those that were read is for its reader to see. Owner: the scheduler's thread.
final class ClosableFile: ReadableFile, @unchecked Sendable {
  /// In which row of ``OpenFiles`` it is.
  enum Place {
    case none, closed
    case resting(Int)
    case busy(Int)
  }

  /// A file that moves on each time between being found and being opened is tried later.
  private static let triesInARow = 8

  let identity: FileIdentity
  /// By which it was opened first.
  private let name: FilePath
  /// Where it was found last.
  private var path: FilePath
  private let files: any FileSystem
  private let openFiles: OpenFiles
  private let rotated: [Glob]
  private var file: (any ReadableFile)?
  private(set) var place = Place.none
  /// What was seen when it was closed last, as the file that it was.
  private var last: FileStatus
  /// Whether all was read that was there.
  private var isResting = false
  /// Whether something was written to it since it was closed.
  private var wasWritten = false
  /// Whether its inode is no more.
  private(set) var isGone = false
  /// Whether it was opened again since that was asked.
  private var wasOpenedAgain = false
  /// Whether it was found under another name since it was seen to be the file that it was.
  private(set) var isElsewhere = false
  /// Whether it was closed since that was asked.
  private var wasClosed = false
  /// Whether there were bytes that were not read, then or since.
  private var hadUnread = false

  /// - Parameters:
  ///   - file: open.
  ///   - rotated: where it may be beside its own folder.
  init(
    _ file: any ReadableFile, _ status: FileStatus, at path: FilePath, in files: any FileSystem, _ openFiles: OpenFiles,
    rotated: [Glob]
  ) {
    openFiles.makeRoom()
    self.file = file
    self.files = files
    self.openFiles = openFiles
    self.rotated = rotated
    self.path = path
    name = path
    identity = status.identity
    last = status
    use()
  }

  deinit { openFiles.leave(self) }

  var isClosed: Bool { file == nil }

  /// As it is open, and where it was found last.
  var whereabouts: (file: (any ReadableFile)?, path: FilePath) { (file, path) }

  /// Whether it is known to be as it was when it was closed: it cannot have been read since.
  func isUntouched(_ status: FileStatus) -> Bool {
    isClosed && isResting && !wasWritten && status.size == last.size && status.modifiedAt == last.modifiedAt
  }

  /// Whether it was opened again since the last call.
  func takeOpenedAgain() -> Bool {
    defer { wasOpenedAgain = false }
    return wasOpenedAgain
  }

  /// Whether it was closed since the last call: then it may be another file, with its inode.
  func takeClosed() -> Bool {
    defer { wasClosed = false }
    return wasClosed
  }

  /// Its content is what was read of it.
  func confirm() { isElsewhere = false }

  /// What has its inode is another file.
  ///
  /// - Parameter mayBeIt: whether it may be this one for all that, and is given up: then it is lost.
  func disown(mayBeIt: Bool = false) {
    openFiles.leave(self)
    (file, place, isGone, isElsewhere) = (nil, .none, true, false)
    wasWritten = hadUnread || mayBeIt
  }

  // MARK: As a file

  /// - Throws: ENOENT where it was written to since it was closed and is found nowhere. What was not written to is then
  ///   as it was, and deleted.
  func status() throws(SystemError) -> FileStatus {
    if let file { return try file.status() }
    if let found = try find() { return found }
    if wasWritten { throw SystemError("open", code: ENOENT) }
    return FileStatus(
      identity: identity, kind: last.kind, size: last.size, linkCount: 0, modifiedAt: last.modifiedAt)
  }

  /// - Throws: ENOENT where it was closed and is found nowhere.
  func read(into bytes: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(SystemError) -> Int {
    let file = try openAgain()
    isResting = false
    use()
    return try file.read(into: bytes, at: offset)
  }

  // MARK: Closing

  /// All was read that was there.
  func rest() {
    guard !isResting else { return }
    isResting = true
    use()
  }

  /// It is the last that is closed now; what is closed stays so.
  func use() { if !isClosed { place = openFiles.use(self, isResting: isResting) } }

  /// - Returns: false for a file that could not be opened again: it was deleted, or cannot be looked at.
  func close() -> Bool {
    guard let file, let status = try? file.status(), status.linkCount > 0 else { return false }
    path = file.name ?? path
    if !isElsewhere { (last, hadUnread) = (status, !isResting) }
    wasWritten = !isResting
    self.file = nil
    wasClosed = true
    openFiles.noteClosed(self)
    place = .closed
    return true
  }

  /// Something was written to the file of this identity: another one, where this one is gone.
  func noteWritten() {
    if isGone { return }
    wasWritten = true
    if !isElsewhere { hadUnread = true }
  }

  func noteGone() { isGone = true }

  // MARK: Opening again

  private func openAgain() throws(SystemError) -> any ReadableFile {
    if let file { return file }
    for _ in 0..<Self.triesInARow {
      guard try find() != nil else { throw SystemError("open", code: ENOENT) }
      openFiles.makeRoom()
      let (source, status): (FileSource, FileStatus)
      // Between the two it may have been rotated.
      do { (source, status) = try files.open(path) } catch {
        guard error.isAbsence else { throw error }
        continue
      }
      guard case .file(let file) = source, status.identity == identity else { continue }
      openFiles.leave(self)
      place = .none
      self.file = file
      wasWritten = false
      wasOpenedAgain = true
      openFiles.watches?.watchAgain(file, identity, path: path)
      return file
    }
    throw SystemError("open", code: EAGAIN)
  }

  /// Takes down where it is.
  ///
  /// - Throws: where that cannot be seen; that says nothing of whether it is there.
  private func find() throws(SystemError) -> FileStatus? {
    var former: Set<FilePath> = []
    // It may be renamed meanwhile, to a name that was looked at before, or is new.
    for _ in 0..<Self.triesInARow {
      if isGone { return nil }
      var seen: Set<FilePath> = []
      if let found = try find(&seen) { return found }
      if seen == former { return nil }
      former = seen
    }
    // Other names change all the time: it was not renamed that often in the middle of a look.
    return nil
  }

  private func find(_ seen: inout Set<FilePath>) throws(SystemError) -> FileStatus? {
    seen = [path, name]
    for path in [path, name] {
      if let status = try status(at: path) { return status }
    }
    for folder in Set([path, name].map { $0.removingLastComponent() }) {
      if let found = try find(in: folder, &seen) { return found }
    }
    for place in rotated.flatMap({ GlobWalk($0, in: files, for: .pattern(0), watches: nil).found }) {
      if seen.insert(place).inserted, let status = try status(at: place) { return status }
      if let found = try find(in: place, &seen) { return found }
    }
    return nil
  }

  /// Names that begin as its own do come first: a rotation gives such.
  private func find(in folder: FilePath, _ seen: inout Set<FilePath>) throws(SystemError) -> FileStatus? {
    let names: [FilePath.Component]
    do { names = try files.names(in: folder) } catch {
      guard error.isAbsence else { throw error }
      return nil
    }
    let stem = name.stem ?? ""
    for isAlike in [true, false] {
      for other in names where other.string.hasPrefix(stem) == isAlike {
        let place = folder.appending(other)
        if seen.insert(place).inserted, let status = try status(at: place) { return status }
      }
    }
    return nil
  }

  /// Of what is at `path`, if that is this file; then it is there from now on.
  private func status(at path: FilePath) throws(SystemError) -> FileStatus? {
    do {
      let status = try files.status(of: path)
      guard status.identity == identity else { return nil }
      if self.path != path { isElsewhere = true }
      self.path = path
      return status
    } catch {
      guard error.isAbsence || error.code == ELOOP else { throw error }
      return nil
    }
  }
}
