import Coroutines
import SystemPackage

/// One walk over the folders that a glob leads to: finds paths, and sees to it that every folder where another may
/// appear is watched. A folder is watched before it is looked at, so nothing that appears meanwhile is missed.
struct GlobWalk {
  /// Links that lead to links are followed this far, as the kernel does.
  private static let linkLimit = 40

  /// Paths that the glob selects. A plain glob gives its path whether or not something is there, once its folder is.
  private(set) var found: [FilePath] = []
  /// Folders that could not be read or watched.
  private(set) var troubles: [(path: FilePath, error: SystemError)] = []
  /// Folders that were looked at, one for each device.
  private(set) var folders: [UInt64: FilePath] = [:]
  /// Whether a folder went away on the way: the walk has to be repeated.
  private(set) var isStale = false

  private let files: any FileSystem
  private let watches: Watches?
  private let owner: Watches.Owner
  private var linksLeft = linkLimit

  /// Walks at once. Without `watches` it only looks.
  init(_ glob: Glob, in files: any FileSystem, for owner: Watches.Owner, watches: Watches?) {
    self.files = files
    self.watches = watches
    self.owner = owner
    watches?.begin(owner)
    descend(into: "/", glob.parts[...])
    watches?.end(owner)
  }

  /// Watches what a symbolic link leads to: the folders in which its target, and the target's target, are named.
  init(ofLink link: FilePath, in files: any FileSystem, for owner: Watches.Owner, watches: Watches?) {
    self.files = files
    self.watches = watches
    self.owner = owner
    watches?.begin(owner)
    follow(link: link)
    watches?.end(owner)
    found = []
  }

  private mutating func descend(into folder: FilePath, _ parts: ArraySlice<Glob.Part>) {
    guard let part = parts.first else { return }
    let rest = parts.dropFirst()
    switch part {
    case .literal(let name) where rest.isEmpty:
      watch(folder, part, isLeaf: true)
      found.append(folder.appending(name))
    case .literal(let name):
      step(to: folder.appending(name), in: folder, part, rest)
    case .wildcard, .anyFolder:
      for name in names(in: folder, part, isLeaf: rest.isEmpty) where part.matches(name) {
        let path = folder.appending(name)
        if rest.isEmpty { found.append(path) } else if isFolder(path) { descend(into: path, rest) }
      }
    case .anyDepth:
      descend(into: folder, rest)
      for name in names(in: folder, .anyFolder, isLeaf: false) where Glob.Part.anyFolder.matches(name) {
        let path = folder.appending(name)
        if isRealFolder(path) { descend(into: path, parts) }
      }
    }
  }

  /// Goes on in a folder that must be there; where it is not, its place is watched.
  private mutating func step(
    to path: FilePath, in folder: FilePath, _ part: Glob.Part, _ rest: ArraySlice<Glob.Part>
  ) {
    // A folder whose deleted file is still open tells of its own removal only when that file is closed, so every
    // folder on the way is watched for what leaves it.
    watch(folder, part, isLeaf: false, leavingOnly: true)
    if isRealFolder(path) {
      let troubleCount = troubles.count
      descend(into: path, rest)
      // What may not be looked into tells of nothing, but its folder tells when that changes.
      if troubles.count > troubleCount { watch(folder, part, isLeaf: false) }
      return
    }
    watch(folder, part, isLeaf: false)
    if (try? files.status(ofLink: path))?.kind == .link { follow(link: path) }
    if isFolder(path) { descend(into: path, rest) }
  }

  private mutating func follow(link: FilePath) {
    guard linksLeft > 0, let target = try? files.target(ofLink: link) else { return }
    linksLeft -= 1
    let finds = found
    descend(into: "/", Glob(plain: target).parts[...])
    found = finds
    if (try? files.status(ofLink: target))?.kind == .link { follow(link: target) }
  }

  private mutating func names(in folder: FilePath, _ part: Glob.Part, isLeaf: Bool) -> [FilePath.Component] {
    watch(folder, part, isLeaf: isLeaf)
    do {
      return try files.names(in: folder).sorted { $0.string < $1.string }
    } catch {
      note(folder, error)
      return []
    }
  }

  private mutating func watch(_ folder: FilePath, _ part: Glob.Part, isLeaf: Bool, leavingOnly: Bool = false) {
    do {
      try watches?.watchFolder(folder, for: owner, part: part, isLeaf: isLeaf, leavingOnly: leavingOnly)
    } catch {
      // A folder on the way may be passed through without the right to read it.
      if leavingOnly, !error.isWatchLimit { return }
      note(folder, error)
    }
  }

  private mutating func note(_ folder: FilePath, _ error: SystemError) {
    if error.isAbsence { return isStale = true }
    // What may not be read may not be watched either, for the same reason.
    if troubles.last?.path != folder || troubles.last?.error.code != error.code { troubles.append((folder, error)) }
  }

  private mutating func isFolder(_ path: FilePath) -> Bool {
    do { return isFolder(path, try files.status(of: path)) } catch {
      if !error.isAbsence { troubles.append((path, error)) }
      return false
    }
  }

  private mutating func isRealFolder(_ path: FilePath) -> Bool {
    (try? files.status(ofLink: path)).map { isFolder(path, $0) } ?? false
  }

  private mutating func isFolder(_ path: FilePath, _ status: FileStatus) -> Bool {
    guard status.kind == .folder else { return false }
    if folders[status.identity.device] == nil { folders[status.identity.device] = path }
    return true
  }
}
