import CLinux
import Coroutines
import Glibc
import SystemPackage

/// What is watched and why: folders for names, open files for content.
///
/// Events only say what to look at again. Owner: the follower; not shared.
final class Watches {
  /// Who has an interest in a folder.
  enum Owner: Hashable {
    /// A walk of that pattern.
    case pattern(Int)
    /// The links behind a followed name.
    case link(FilePath)
  }

  /// What to look at again.
  enum Finding: Hashable {
    case everything
    case pattern(Int)
    /// A name; found by that pattern, or nil if it is followed already.
    case name(FilePath, pattern: Int?)
    case file(FileIdentity)
    /// The inode of a file is no more.
    case gone(FileIdentity)
  }

  private struct Interest {
    let owner: Owner
    let part: Glob.Part
    let isLeaf: Bool
    let epoch: Int
  }

  private struct FolderWatch {
    var number: Int32
    var flags: Int32
    var interests: [Interest] = []
  }

  /// For names that leave a folder.
  private static let leavingFlags = IN_MOVED_FROM | IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF | Int32(IN_ONLYDIR)
  /// For names that come, too, and for rights that change.
  private static let allFlags = leavingFlags | IN_MOVED_TO | IN_CREATE | IN_ATTRIB
  private static let fileFlags = IN_MODIFY | IN_ATTRIB

  /// nil where the kernel has none left.
  private var events: (any FileEvents)?
  /// Told when the kernel watches no more.
  var onShortage: (SystemError) -> Void = { _ in }
  /// Files that are not watched, for want of watches.
  private var unwatchedFiles: [FileIdentity: UnwatchedFile] = [:]
  private var writtenFiles: Set<FileIdentity> = []
  /// How many events the last ``findings()`` are of.
  private(set) var lastEventCount = 0
  private var folders: [FilePath: FolderWatch] = [:]
  private var foldersByNumber: [Int32: Set<FilePath>] = [:]
  private var fileNumbers: [FileIdentity: Int32] = [:]
  private var filesByNumber: [Int32: FileIdentity] = [:]
  private var epochs: [Owner: Int] = [:]
  private var foldersByOwner: [Owner: Set<FilePath>] = [:]

  private struct UnwatchedFile {
    weak var file: (any ReadableFile)?
    let path: FilePath
  }

  /// Without anything that tells of changes until ``begin(_:)``.
  init() {}

  /// Has the kernel tell of changes.
  ///
  /// - Throws: EMFILE where the user has too many that are told (fs.inotify.max_user_instances).
  func begin(_ files: any FileSystem) throws(SystemError) { events = try files.makeEvents() }

  /// Returns when something has happened.
  func wait(on scheduler: Scheduler) async throws { try await events?.wait(on: scheduler) }

  /// The interests that `owner` adds from now on replace those that it had, when ``end(_:)`` is called.
  func begin(_ owner: Owner) { epochs[owner, default: 0] += 1 }

  /// Watches names in a folder.
  ///
  /// - Parameter leavingOnly: only names that leave matter, as in folders that lead to a watched one: what is
  ///   made there by others wakes nobody.
  func watchFolder(
    _ path: FilePath, for owner: Owner, part: Glob.Part, isLeaf: Bool, leavingOnly: Bool
  ) throws(SystemError) {
    let flags = (leavingOnly ? Self.leavingFlags : Self.allFlags) | (folders[path]?.flags ?? 0)
    // Asked of the kernel each time: another folder may be there by now, and while the former one is held open, as
    // after an overflow, no event says so. A folder that is watched by another path keeps the flags that it has.
    let number = try tellers.watch(path, for: flags | IN_MASK_ADD)
    if let former = folders[path]?.number, former != number { leave(former, path) }
    folders[path, default: FolderWatch(number: number, flags: flags)].flags = flags
    folders[path]!.number = number
    foldersByNumber[number, default: []].insert(path)
    folders[path]!.interests.append(
      Interest(owner: owner, part: part, isLeaf: isLeaf, epoch: epochs[owner, default: 0]))
    foldersByOwner[owner, default: []].insert(path)
  }

  func end(_ owner: Owner) {
    let epoch = epochs[owner, default: 0]
    var kept: Set<FilePath> = []
    for path in foldersByOwner[owner] ?? [] {
      guard var folder = folders[path] else { continue }
      folder.interests.removeAll { $0.owner == owner && $0.epoch != epoch }
      if folder.interests.contains(where: { $0.owner == owner }) { kept.insert(path) }
      if folder.interests.isEmpty { forgetFolder(path) } else { folders[path] = folder }
    }
    foldersByOwner[owner] = kept.isEmpty ? nil : kept
    if kept.isEmpty { epochs[owner] = nil }
  }

  /// Watches the content of an open file, whatever its name is or becomes.
  ///
  /// - Parameter path: a name that leads to it, used where /proc is not mounted.
  func watchFile(_ file: any ReadableFile, _ identity: FileIdentity, path: FilePath) throws(SystemError) {
    do throws(SystemError) {
      take(try tellers.watch(file, at: path, for: Self.fileFlags), as: identity)
    } catch {
      guard error.isWatchLimit else { throw error }
      unwatchedFiles[identity] = UnwatchedFile(file: file, path: path)
      onShortage(error)
    }
  }

  private func take(_ number: Int32, as identity: FileIdentity) {
    unwatchedFiles[identity] = nil
    if let former = fileNumbers.updateValue(number, forKey: identity), former != number {
      filesByNumber[former] = nil
      events?.unwatch(former)
    }
    filesByNumber[number] = identity
  }

  /// As ``watchFile(_:_:path:)``, for a file that was closed and opened again: its inode may have been another's
  /// meanwhile. One that cannot be watched is unwatched.
  func watchAgain(_ file: any ReadableFile, _ identity: FileIdentity, path: FilePath) {
    do throws(SystemError) { try watchFile(file, identity, path: path) } catch {
      unwatchedFiles[identity] = UnwatchedFile(file: file, path: path)
      onShortage(error)
    }
  }

  /// Files that are not watched, for want of watches.
  var unwatched: [FileIdentity] { Array(unwatchedFiles.keys) }

  /// Whether nothing tells of changes.
  var isBlind: Bool { events == nil }

  /// Tries again to have a file watched. One that is closed is watched by its name, if that still leads to it.
  func watchUnwatched(_ identity: FileIdentity, in files: any FileSystem) throws(SystemError) {
    guard let unwatched = unwatchedFiles[identity] else { return }
    if let file = unwatched.file {
      return take(try tellers.watch(file, at: unwatched.path, for: Self.fileFlags), as: identity)
    }
    guard (try? files.status(of: unwatched.path))?.identity == identity else { return }
    let number = try tellers.watch(unwatched.path, for: Self.fileFlags)
    if (try? files.status(of: unwatched.path))?.identity == identity { return take(number, as: identity) }
    if filesByNumber[number] == nil { events?.unwatch(number) }
  }

  /// Files that were written to since this was asked.
  func takeWritten() -> Set<FileIdentity> {
    defer { writtenFiles = [] }
    return writtenFiles
  }

  private var tellers: any FileEvents {
    get throws(SystemError) {
      guard let events else { throw SystemError("inotify_init1", code: EMFILE) }
      return events
    }
  }

  func forgetFile(_ identity: FileIdentity) {
    unwatchedFiles[identity] = nil
    guard let number = fileNumbers.removeValue(forKey: identity) else { return }
    filesByNumber[number] = nil
    events?.unwatch(number)
  }

  /// What the events since the last call say, each thing once. Never waits.
  func findings() throws(SystemError) -> Set<Finding> {
    var findings: Set<Finding> = []
    lastEventCount = 0
    let new = try events?.events() ?? []
    lastEventCount = new.count
    for event in new {
      if event.has(IN_Q_OVERFLOW) { return [.everything] }
      if let identity = filesByNumber[event.watch] {
        if event.has(IN_MODIFY) { writtenFiles.insert(identity) }
        findings.insert(event.has(IN_IGNORED) ? .gone(identity) : .file(identity))
        if event.has(IN_IGNORED) { forgetFile(identity) }
      }
      for path in foldersByNumber[event.watch] ?? [] { note(event, in: path, &findings) }
    }
    return findings
  }

  private func note(_ event: FileEvent, in path: FilePath, _ findings: inout Set<Finding>) {
    guard let folder = folders[path] else { return }
    if event.has(IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED | IN_UNMOUNT) {
      for interest in folder.interests {
        findings.insert(finding(interest, folder: path, name: nil))
      }
      return forgetFolder(path)
    }
    if event.name == nil, event.has(IN_ATTRIB) {
      // The folder's own rights changed: what could not be read before may be readable now.
      for interest in folder.interests { findings.insert(finding(interest, folder: path, name: nil)) }
    }
    guard let name = event.name else { return }
    for interest in folder.interests where interest.part.matches(name) {
      if interest.part == .anyFolder, !event.has(Int32(IN_ISDIR)) { continue }
      findings.insert(finding(interest, folder: path, name: name))
    }
  }

  private func finding(_ interest: Interest, folder: FilePath, name: FilePath.Component?) -> Finding {
    switch interest.owner {
    case .link(let path): return .name(path, pattern: nil)
    case .pattern(let pattern):
      guard interest.isLeaf, let name else { return .pattern(pattern) }
      return .name(folder.appending(name), pattern: pattern)
    }
  }

  private func forgetFolder(_ path: FilePath) {
    if let folder = folders.removeValue(forKey: path) { leave(folder.number, path) }
  }

  /// A watch that no path leads to ends.
  private func leave(_ number: Int32, _ path: FilePath) {
    foldersByNumber[number]?.remove(path)
    guard foldersByNumber[number]?.isEmpty == true else { return }
    foldersByNumber[number] = nil
    events?.unwatch(number)
  }
}
