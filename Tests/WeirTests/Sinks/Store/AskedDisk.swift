import Synchronization
import SystemPackage

@testable import Weir

/// The machine's disk, which notes what it was asked.
final class AskedDisk: StoreDisk {
  private let notes = Mutex<[String]>([])
  private let disk = LinuxDisk()
  private let isOnThisMachine: Bool

  init(isLocal: Bool = true) { isOnThisMachine = isLocal }

  var asked: [String] { notes.withLock { $0 } }
  func forget() { notes.withLock { $0 = [] } }

  var vfsName: String? {
    note("vfs")
    return "unix-excl"
  }
  func canonical(_ path: FilePath) -> FilePath {
    note("canonical")
    return disk.canonical(path)
  }
  func create(_ path: FilePath) throws(Errno) -> Bool {
    note("create")
    return try disk.create(path)
  }
  func identity(_ path: FilePath) throws(Errno) -> FileIdentity? {
    note("identity")
    return try disk.identity(path)
  }
  func byteCount(of path: FilePath) throws(Errno) -> UInt64? {
    note("byteCount")
    return try disk.byteCount(of: path)
  }
  func remove(_ path: FilePath) throws(Errno) {
    note("remove")
    try disk.remove(path)
  }
  func objection(to path: FilePath) -> String? {
    note("objection")
    return disk.objection(to: path)
  }
  func isLocal(_ path: FilePath) -> Bool {
    note("isLocal")
    return isOnThisMachine
  }
  func lock(_ database: FilePath) throws(StoreError) -> any AnyObject & Sendable {
    note("lock")
    return try disk.lock(database)
  }
  private func note(_ what: String) { notes.withLock { $0.append(what) } }
}
