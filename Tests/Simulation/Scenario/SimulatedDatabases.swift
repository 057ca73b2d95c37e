import CSQLite
import SimulatedDisk
import SystemPackage

@testable import Weir

/// Databases on a simulated disk. Who reads opens a copy of it, so that the disk, its locks and its faults are the
/// agent's alone.
final class SimulatedDatabases: StageDatabases {
  private let databases: Databases
  private var copy: SimulatedDisk?

  init(_ databases: Databases) { self.databases = databases }

  func moment(of path: String) throws -> StoreMoment? {
    let disk = databases.disk
    guard let file = try disk.identity(FilePath(path)) else { return nil }
    return StoreMoment(file: file.inode, disk: disk.vfsName ?? "", operationCount: disk.operationCount)
  }

  func open(_ path: String) -> OpaquePointer? {
    let copy = SimulatedDisk(cloning: databases.disk)
    self.copy = copy
    var connection: OpaquePointer?
    guard sqlite3_open_v2(path, &connection, SQLITE_OPEN_READWRITE, copy.vfsName) == SQLITE_OK else {
      sqlite3_close(connection)
      return nil
    }
    return connection
  }
}
