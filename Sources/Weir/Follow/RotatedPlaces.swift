import Coroutines
import SystemPackage

/// Where rotated copies may be, as one search sees it: each folder is read once, each file looked at once.
struct RotatedPlaces {
  /// Entries of a folder that are looked at, at most; a folder with more is no folder for logs.
  static let entriesLimit = 10_000

  /// What could not be looked at.
  private(set) var troubles: [CopySearch.Trouble] = []
  private let files: any FileSystem
  private let more: [Glob]
  private var names: [FilePath: [FilePath.Component]] = [:]
  private var statuses: [FilePath: FileStatus?] = [:]
  private var morePaths: [FilePath]?

  /// - Parameter more: folders, and files, beside each file's own folder.
  init(_ files: any FileSystem, more: [Glob]) {
    self.files = files
    self.more = more
  }

  /// All that is in the folder of `path` and in the other places, but `path` itself.
  ///
  /// - Parameter prefix: with which their names begin.
  /// - Throws: where the file's own folder cannot be read.
  mutating func paths(for path: FilePath, named prefix: String = "") throws(SystemError) -> [FilePath] {
    let folder = path.removingLastComponent()
    // Of each file that is rotated all names are asked for: paths are made of few of them.
    let own = try names(in: folder).filter { prefix.isEmpty || $0.string.hasPrefix(prefix) }
    var paths = own.map { folder.appending($0) }
    if !more.isEmpty {
      let own = Set(paths)
      paths += elsewhere().filter {
        !own.contains($0) && (prefix.isEmpty || $0.lastComponent?.string.hasPrefix(prefix) == true)
      }
    }
    return paths.filter { $0 != path }
  }

  /// What is at `path`, where that is a regular file.
  mutating func status(of path: FilePath) -> FileStatus? {
    if let known = statuses[path] { return known }
    var status: FileStatus?
    do throws(SystemError) {
      status = try files.status(ofLink: path)
      if status?.kind != .regular { status = nil }
    } catch {
      if !error.isAbsence { troubles.append(CopySearch.Trouble(path: path, reason: error.description)) }
    }
    statuses[path] = .some(status)
    return status
  }

  /// Whether names or files are others by now, as in the middle of a rotation: what was not found may be there.
  func hasChanged() -> Bool {
    for (folder, names) in names {
      guard let now = try? files.names(in: folder).prefix(Self.entriesLimit), now.count == names.count else {
        return true
      }
      // Mostly in the same order: that is cheap to see.
      if now.elementsEqual(names) { continue }
      if Set(now) != Set(names) { return true }
    }
    return statuses.contains { path, status in
      let now = try? files.status(ofLink: path)
      return now.flatMap { $0.kind == .regular ? $0.identity : nil } != status?.identity
    }
  }

  private mutating func names(in folder: FilePath) throws(SystemError) -> [FilePath.Component] {
    if let known = names[folder] { return known }
    let all = try files.names(in: folder)
    if all.count > Self.entriesLimit {
      troubles.append(
        CopySearch.Trouble(
          path: folder, reason: "it has \(all.count) entries, of which \(Self.entriesLimit) were looked at"))
    }
    let some = Array(all.prefix(Self.entriesLimit))
    names[folder] = some
    return some
  }

  private mutating func elsewhere() -> [FilePath] {
    if let known = morePaths { return known }
    var paths: Set<FilePath> = []
    for glob in more {
      let walk = GlobWalk(glob, in: files, for: .pattern(0), watches: nil)
      for (path, error) in walk.troubles {
        troubles.append(CopySearch.Trouble(path: path, reason: error.description))
      }
      for place in walk.found { paths.formUnion(entries(of: place)) }
    }
    morePaths = Array(paths)
    return Array(paths)
  }

  /// What is in a folder; a file is its own entry.
  private mutating func entries(of place: FilePath) -> [FilePath] {
    do throws(SystemError) {
      guard try files.status(of: place).kind == .folder else { return [place] }
      return try names(in: place).map { place.appending($0) }
    } catch {
      if !error.isAbsence { troubles.append(CopySearch.Trouble(path: place, reason: error.description)) }
      return []
    }
  }
}
