import Coroutines
import SystemPackage

/// A search for files that were rotated away, in the folders that they may be in: renamed, copied, compressed.
///
/// The cheapest tests come first: only where its first KiB fits, a compressed file is read up to where a checkpoint
/// stands.
struct CopySearch {
  /// Lets others have their turn in the middle of something long; throws where nobody waits for the result any more.
  typealias Pause = @Sendable () async throws -> Void

  /// Why a file that may be the one that is sought was not looked at.
  struct Trouble {
    let path: FilePath
    let reason: String
  }

  /// From here on it costs too much to read a compressed file only to see that nothing in it is new.
  static let presumedBytes: UInt64 = 1 << 20

  /// Whether a file may be told by its first KiB and its size, where no other has the same first KiB.
  var presumes = false
  /// What is no copy, as is known otherwise.
  var excluded: Set<FilePath> = []
  /// Whether no other search follows, should files move on meanwhile.
  var isLast = false
  private let files: any FileSystem
  private let own: OwnFiles
  let checkpoints: [Checkpoint]
  private let pause: Pause
  private var places: RotatedPlaces
  private(set) var looked: [FilePath: RotatedFile] = [:]
  private var candidates: [CandidatesKey: [Candidate]] = [:]
  private var ownFiles: [FilePath: Bool] = [:]
  /// What was found already, and the files that it was.
  private(set) var taken: [FilePath: Set<FileIdentity>] = [:]

  private struct CandidatesKey: Hashable {
    let path: FilePath
    let isNamedAlike: Bool
  }

  /// - Parameters:
  ///   - own: what is never looked into.
  ///   - more: folders and files to look at beside each file's own folder.
  ///   - checkpoints: all that will be sought, so that each compressed file is read once for all of them.
  init(
    _ files: any FileSystem, own: OwnFiles, more: [Glob] = [], for checkpoints: [Checkpoint] = [],
    pause: @escaping Pause
  ) {
    self.files = files
    self.own = own
    self.checkpoints = checkpoints
    self.pause = pause
    places = RotatedPlaces(files, more: more)
  }

  /// What was looked at.
  func file(at path: FilePath) -> RotatedFile? { looked[path] }

  /// What could not be looked at.
  var troubles: [Trouble] {
    places.troubles
      + looked.values.compactMap { file in file.trouble.map { Trouble(path: file.path, reason: $0) } }
  }

  /// Whether files moved on since the search began, as in the middle of a rotation: what was not found may be there.
  var isStale: Bool { places.hasChanged() }

  /// The file of a checkpoint under another name.
  ///
  /// - Parameter limit: so much was read of it by others: what has as much, and does not fit them, is another file.
  mutating func renamed(_ checkpoint: Checkpoint, shorterThan limit: UInt64? = nil) async throws -> RotatedCopy? {
    // Of what was empty only the inode is known, which may be that of any file by now.
    for other in try candidates(for: checkpoint.path, isNamedAlike: checkpoint.isBlank)
    where other.status.identity == checkpoint.identity || checkpoint.mayBeOf(other.status) {
      if try isNamedAfterAnother(other.path, than: checkpoint.path) || !checkpoint.mayHave(name: other.path) {
        continue
      }
      if other.isCompressed(after: checkpoint) { continue }
      if let limit, try await !other.file.hasLess(than: limit) { continue }
      if let copy = try await match(other.file, checkpoint, isOnly: true) { return copy }
    }
    return nil
  }

  /// Whether a file has a rotated name of another log: then it is that one's, and has an inode that was free again, and
  /// the same long banner.
  private mutating func isNamedAfterAnother(_ other: FilePath, than path: FilePath) throws -> Bool {
    if RotatedName(other, of: path) != nil { return false }
    return try places.paths(for: path).contains {
      RotatedName(other, of: $0) != nil && RotatedName(path, of: $0) == nil && RotatedName($0, of: path) == nil
    }
  }

  /// A copy of the file of a checkpoint: it has the bytes that the file had. Its name begins as the file's does
  /// (`app.log.1`, `app.log-20260101.gz`, `app-1.log`), for files that are equal by chance are two files.
  ///
  /// - Parameter limit: so much was read of it by others: what has as much and does not fit them, or is not compressed
  ///   and has less, is another file.
  mutating func copied(_ checkpoint: Checkpoint, shorterThan limit: UInt64? = nil) async throws -> RotatedCopy? {
    guard checkpoint.head.byteCount > 0, checkpoint.offset == 0 || checkpoint.marker.byteCount > 0 else { return nil }
    var alike: [RotatedFile] = []
    let isGone = !isInPlace(checkpoint)
    for other in try candidates(for: checkpoint.path) {
      // Before it is truncated a file is copied, and keeps its place; how it begins says less than that.
      if isGone, checkpoint.offset == 0, !other.file.isCompressed,
        other.status.identity.device == checkpoint.identity.device || checkpoint.isSetAside
      {
        continue
      }
      guard other.status.identity != checkpoint.identity || other.isCompressed(after: checkpoint),
        other.file.isCompressed || other.status.size >= checkpoint.offset, !isOwn(other.file),
        !excluded.contains(other.path),
        // A copy may have come under a followed name: what it was made of is no copy of it.
        RotatedName(checkpoint.path, of: other.path) == nil,
        try await other.file.hasHead(of: checkpoint)
      else { continue }
      if let limit, try await !other.file.isShorter(than: limit) { continue }
      alike.append(other.file)
    }
    let mayBeOfMany = isGone || checkpoint.readAtMilliseconds > 0
    if mayBeOfMany, checkpoint.marker.byteCount == Fingerprint.markerByteLimit, alike.count > 1 {
      alike = try await toBeTried(alike, for: checkpoint)
    }
    var read: RotatedFile?
    // Of what is known by its first bytes alone, the oldest is taken: what came after it is found by it.
    for file in checkpoint.offset == 0 ? try await inOrder(alike, for: checkpoint) : alike {
      // A few bytes say little, but of others that begin alike more is known.
      if checkpoint.marker.byteCount < Fingerprint.markerByteLimit, try await isOfAnother(file, than: checkpoint) {
        continue
      }
      if checkpoint.offset == 0, try await isReadByItself(file) {
        read = read ?? file
        continue
      }
      if let copy = try await match(file, checkpoint, isOnly: alike.count == 1) { return copy }
    }
    // A copy that was begun to be read has a checkpoint of its own beside that of the file that it was made of.
    guard let read, read.isCompressed || checkpoint.head.byteCount == FileHead.byteLimit else { return nil }
    return try await match(read, checkpoint, isOnly: alike.count == 1)
  }

  /// Whether the file of a checkpoint, of which nothing was read, was a copy of one that was read: by its name, and as
  /// there is a file that begins as it did and has what was read of that one.
  mutating func wasCopy(_ checkpoint: Checkpoint) async throws -> Bool {
    guard checkpoint.offset == 0, checkpoint.head.byteCount > 0 else { return false }
    let originals = originals(of: checkpoint.path)
    if originals.isEmpty { return false }
    for other in try candidates(for: checkpoint.path) where try await other.file.hasHead(of: checkpoint) {
      if try await isKnown(other.file, to: originals) { return true }
    }
    return false
  }

  /// Whether what was found of a file of which nothing was read has what was read of one that it may be a copy of.
  func isCopyOfRead(_ copy: RotatedCopy, of path: FilePath) async throws -> Bool {
    try await isKnown(copy, to: originals(of: path))
  }

  /// What is known of files of which a rotation may have made one of that name.
  private func originals(of path: FilePath) -> [Checkpoint] {
    checkpoints.filter { RotatedName(path, of: $0.path) != nil }
  }

  /// In which order files are tried that begin as that of a checkpoint did: the last written first; but where several
  /// of them have what was read of it, which was no more than their banner, the oldest, as what came after it is found
  /// by it, and none that is another's.
  private func toBeTried(_ alike: [RotatedFile], for checkpoint: Checkpoint) async throws -> [RotatedFile] {
    var fitting: [RotatedFile] = []
    for file in alike where try await file.fits(checkpoint, others: checkpoints) { fitting.append(file) }
    if fitting.count < 2 { return alike }
    var others: [RotatedFile] = []
    for file in fitting where try await !isOfAnother(file, than: checkpoint) { others.append(file) }
    return try await oldestFirst(others, having: checkpoint.offset, seenAt: checkpoint.readAtMilliseconds)
  }

  /// Whether the file of a checkpoint is still, or its inode again, where it was.
  private func isInPlace(_ checkpoint: Checkpoint) -> Bool {
    (try? files.status(of: checkpoint.path))?.identity.inode == checkpoint.identity.inode
  }

  /// Whether it is known for a copy of another file than that of a checkpoint.
  private func isOfAnother(_ file: RotatedFile, than checkpoint: Checkpoint) async throws -> Bool {
    let own = [file.status.identity, checkpoint.identity]
    if taken[file.path]?.contains(where: { !own.contains($0) }) == true { return true }
    return try await isKnown(
      file,
      to: checkpoints.filter { other in
        if !own.contains(other.identity) { return true }
        // What had the same inode before is another file too, or what this one was.
        return checkpoint.offset == 0 && other.isDone && other.identity == checkpoint.identity
      })
  }

  /// Whether a checkpoint is of this very file.
  private func isReadByItself(_ file: RotatedFile) async throws -> Bool {
    if taken[file.path]?.contains(file.status.identity) == true { return true }
    return try await isKnown(file, to: checkpoints.filter { $0.identity == file.status.identity })
  }

  /// In which order files were rotated away from `path`.
  mutating func order(from path: FilePath) throws -> RotatedOrder {
    RotatedOrder(of: try candidates(for: path).map(\.place))
  }

  /// A file that was at `path`, by a name that a rotation gives; nil if it has none.
  mutating func copy(of identity: FileIdentity, from path: FilePath) throws -> RotatedCopy? {
    guard let place = try place(of: identity, from: path) else { return nil }
    return looked[place]?.open()
  }

  /// Where a file that was at `path` is now, by a name that a rotation gives; nil if it has none.
  mutating func place(of identity: FileIdentity, from path: FilePath) throws -> FilePath? {
    try candidates(for: path).first { $0.status.identity == identity && $0.place.name != nil }?.path
  }

  /// Regular files that may have been at `path`; the last written first: copies of copies are older. Sought once.
  ///
  /// - Parameter isNamedAlike: those alone whose names begin as its own does; others are not even looked at.
  mutating func candidates(for path: FilePath, isNamedAlike: Bool = true) throws -> [Candidate] {
    let key = CandidatesKey(path: path, isNamedAlike: isNamedAlike)
    if let known = candidates[key] { return known }
    let stem = isNamedAlike ? path.stem ?? "" : ""
    if isNamedAlike, let all = candidates[CandidatesKey(path: path, isNamedAlike: false)] {
      let alike = all.filter { $0.path.lastComponent?.string.hasPrefix(stem) == true }
      candidates[key] = alike
      return alike
    }
    var found: [Candidate] = []
    for other in try places.paths(for: path, named: stem) {
      guard let status = places.status(of: other), !isBeingCompressed(other, from: path) else { continue }
      let file = looked[other] ?? RotatedFile(other, status, in: files, pause: pause)
      looked[other] = file
      found.append(Candidate(file: file, place: RotatedPlace(other, status, from: path)))
    }
    found.sort { $1.place.isOlder(than: $0.place) }
    candidates[key] = found
    return found
  }

  /// Whether a compressed file's original is still beside it: then that is read, for this one may be unfinished.
  private mutating func isBeingCompressed(_ other: FilePath, from path: FilePath) -> Bool {
    guard FileContent(name: other) != .text, let stem = other.stem else { return false }
    let original = other.removingLastComponent().appending(stem)
    return original != path && places.status(of: original) != nil
  }

  /// Whether weir writes it itself.
  mutating func isOwn(_ file: RotatedFile) -> Bool {
    if let known = ownFiles[file.path] { return known }
    let isOwn = own.use(of: file.path, file.status.identity) != nil
    ownFiles[file.path] = isOwn
    return isOwn
  }

  private mutating func match(
    _ file: RotatedFile, _ checkpoint: Checkpoint, isOnly: Bool
  ) async throws -> RotatedCopy? {
    guard let content = try await file.content(), content == .text || checkpoint.head.byteCount > 0 else { return nil }
    let isPresumed = isOnly ? try await isPresumably(file, at: checkpoint) : false
    guard try await isPresumed ? true : file.fits(checkpoint, others: checkpoints), var copy = file.open() else {
      return nil
    }
    copy.isPresumed = isPresumed
    taken[file.path, default: []].insert(checkpoint.identity)
    return copy
  }

  /// Whether a file is, by its first KiB and its size, that of a checkpoint, which stands at its end.
  func isPresumably(_ file: RotatedFile, at checkpoint: Checkpoint) async throws -> Bool {
    guard presumes, checkpoint.offset >= Self.presumedBytes, checkpoint.head.byteCount == FileHead.byteLimit,
      try await file.hasHead(of: checkpoint)
    else { return false }
    return try await file.isPresumably(ofSize: checkpoint.offset)
  }
}
