import Coroutines
import SystemPackage

/// The files that weir itself writes, which it never follows: it would feed itself.
///
/// Asked with a path before that is opened: closing a database's file anywhere in a process drops the POSIX locks
/// that SQLite holds on it.
struct OwnFiles: Sendable {
  /// What SQLite and weir put beside a database.
  static let databaseSuffixes = ["", "-wal", "-shm", "-journal", ".lock"]

  /// Absolute; asked each time, as a reload may bring more.
  private let databases: @Sendable () -> [FilePath]
  /// Regular files to which weir's output and log go.
  private let outputs: Set<FileIdentity>
  private let files: any FileSystem

  /// - Parameters:
  ///   - databases: paths of databases that are open or will be, absolute.
  ///   - descriptors: where output and log go; looked at now.
  init(
    databases: @escaping @Sendable () -> [FilePath] = { [] }, descriptors: [Int32] = [1, 2],
    files: any FileSystem = LinuxFiles()
  ) {
    self.files = files
    self.databases = databases
    outputs = Set(
      descriptors.compactMap { number in
        guard let status = try? Descriptor(borrowing: number).status(), status.kind == .regular else {
          return nil
        }
        return status.identity
      })
  }

  private static func paths(of database: FilePath) -> [FilePath] {
    let path = database.lexicallyNormalized()
    guard let name = path.lastComponent?.string else { return [path] }
    return databaseSuffixes.map { path.removingLastComponent().appending(name + $0) }
  }

  /// What weir writes to the file at `path`, which has this identity; nil for a file of others. Opens nothing.
  func use(of path: FilePath, _ identity: FileIdentity) -> String? {
    if outputs.contains(identity) { return "output or log" }
    let paths = databases().flatMap(Self.paths)
    // A database may come, and by another name lead to the same file: its paths are looked at each time.
    if paths.contains(path) || paths.contains(where: { (try? files.status(of: $0))?.identity == identity }) {
      return "database"
    }
    return nil
  }
}
