import Coroutines
import Logging
import SystemPackage

extension FollowedFile {
  /// What a file uses of the follower that it belongs to; one for all of its files.
  final class Surroundings: Sendable {
    let scheduler: Scheduler
    let files: any FileSystem
    let pool: BlockPool
    let log: Logger
    /// Never opened.
    let own: OwnFiles
    /// Those that wait.
    let waiting: WaitingFiles
    /// Called once when the file's life is over and it is closed.
    let ended: @Sendable (FollowedFile) async -> Void
    /// A file that begins with these bytes is no text, and so not read.
    let noteForeign: @Sendable (FollowedFile, [UInt8]) async -> Void
    /// How a file relates to the others in its folder.
    let originality: @Sendable (FollowedFile, any ReadableFile) async -> Originality
    /// Whether a file is read by itself, or waits to be.
    let isFollowed: @Sendable (FileIdentity) async -> Bool
    /// What was in this file is over: copies of it can be told now.
    let noteGenerationEnd: @Sendable () async -> Void
    /// What has that identity is another file than the one that is read.
    let noteGone: @Sendable (FileIdentity) async -> Void
    /// What was at a path is read in a copy: whoever is to read that by itself passes it over, unless that has begun.
    let noteCopy: @Sendable (RotatedCopy, FilePath) async -> NotedCopy
    /// What was compressed of a file that is gone, and of which nothing was read.
    let copyOfUnread: @Sendable (FollowedFile, LostPlace) async throws -> RotatedCopy?

    init(
      scheduler: Scheduler, files: any FileSystem, pool: BlockPool, log: Logger, own: OwnFiles,
      waiting: WaitingFiles = WaitingFiles(),
      ended: @escaping @Sendable (FollowedFile) async -> Void,
      noteForeign: @escaping @Sendable (FollowedFile, [UInt8]) async -> Void,
      originality: @escaping @Sendable (FollowedFile, any ReadableFile) async -> Originality,
      isFollowed: @escaping @Sendable (FileIdentity) async -> Bool = { _ in false },
      noteGenerationEnd: @escaping @Sendable () async -> Void = {},
      noteGone: @escaping @Sendable (FileIdentity) async -> Void = { _ in },
      noteCopy: @escaping @Sendable (RotatedCopy, FilePath) async -> NotedCopy = { _, _ in .passedOver },
      copyOfUnread: @escaping @Sendable (FollowedFile, LostPlace) async throws -> RotatedCopy? = { _, _ in nil }
    ) {
      self.scheduler = scheduler
      self.files = files
      self.pool = pool
      self.log = log
      self.own = own
      self.waiting = waiting
      self.ended = ended
      self.noteForeign = noteForeign
      self.originality = originality
      self.isFollowed = isFollowed
      self.noteGenerationEnd = noteGenerationEnd
      self.noteGone = noteGone
      self.noteCopy = noteCopy
      self.copyOfUnread = copyOfUnread
    }
  }

  /// Whether a file that appeared is one that a rotation copied.
  enum Originality: Equatable {
    case original, copy
    /// It may be one; it is not if nothing happens for a while.
    case undecided
    /// It may be one of what another was until just now: that one's reader has to look first.
    case unlooked
    /// A copy, of which what is behind that offset was read nowhere.
    case copyWithRest(from: UInt64)
  }

  /// What becomes of a file that is known for a copy.
  enum NotedCopy { case passedOver, isReadByItself }
}
