import Coroutines
import Glibc
import Logging
import SystemPackage

@testable import Weir

/// The databases of a world, on a memory file system; a kill leaves a copy of the files to the next life.
final class Databases: @unchecked Sendable {
  static let main: FilePath = "/data/weir.db"
  static let archive: FilePath = "/data/archive.db"

  private let folder: FilePath
  private var lifeCount = 0

  init() {
    var template = Array("/dev/shm/weir-simulation-XXXXXX".utf8CString)
    precondition(mkdtemp(&template) != nil, "no folder for databases")
    folder = FilePath(platformString: template)
    precondition(mkdir("\(folder)/0", 0o700) == 0)
  }

  func close() { run("rm -rf \(folder)") }

  func shelf(log: Logger, scheduler: Scheduler) -> StoreShelf {
    StoreShelf(log: log, disk: MovedDisk(folder: current), makeExecutor: { scheduler })
  }

  private var current: FilePath { folder.appending("\(lifeCount)") }

  /// What the process that has them open still writes reaches nobody.
  func crash() {
    let old = current
    lifeCount += 1
    run("cp -r \(old) \(current) && rm -f \(current)/*-shm")
  }

  func path(of database: FilePath) -> FilePath { current.appending(database.lastComponent!) }

  private func run(_ command: String) { precondition(system(command) == 0, command) }
}

/// The kernel's disk, with databases in another place.
struct MovedDisk: StoreDisk {
  let folder: FilePath
  var vfsName: String? { nil }

  func canonical(_ path: FilePath) -> FilePath {
    path.starts(with: folder) ? path : folder.appending(path.lastComponent!)
  }
  func create(_ path: FilePath) throws(Errno) -> Bool { try LinuxDisk().create(path) }
  func identity(_ path: FilePath) throws(Errno) -> FileIdentity? { try LinuxDisk().identity(path) }
  func byteCount(of path: FilePath) throws(Errno) -> UInt64? { try LinuxDisk().byteCount(of: path) }
  func remove(_ path: FilePath) throws(Errno) { try LinuxDisk().remove(path) }
  func objection(to path: FilePath) -> String? { LinuxDisk().objection(to: path) }
  func lock(_ database: FilePath) throws(StoreError) -> any AnyObject & Sendable { try LinuxDisk().lock(database) }
}
