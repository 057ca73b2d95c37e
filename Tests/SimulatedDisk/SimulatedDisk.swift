import CSimulatedDisk
import SystemPackage
import Weir

/// A disk in memory on which stores live as on the machine's, and which fails as disks do: what is modelled stands in
/// `CSimulatedDisk.h`.
///
/// It is the disk as one run of a process has it. ``crash()`` and ``powerCut(seed:)`` give the disk as the next process
/// finds it; from then on nothing reaches this one, whoever still holds it.
///
/// ```swift
/// let disk = SimulatedDisk(seed: 1)
/// let shelf = StoreShelf(log: log, disk: disk, makeExecutor: { scheduler })
/// ...
/// let next = disk.powerCut(seed: 7)
/// ```
///
/// There is no time in it: SQLite's pauses before another try are none, and its clock stands where ``setTime(_:)`` put
/// it. The same calls give the same disk, but for what SQLite draws itself (the salts of a WAL). Used by one thread at
/// a time; by several, it is safe and no more replayed by a seed.
package final class SimulatedDisk: StoreDisk, @unchecked Sendable {
  // Invariant: the C disk guards itself by a lock of its own.
  private let disk: OpaquePointer

  /// The device number of every file.
  package static let device: UInt64 = 0x51D

  private init(owning disk: OpaquePointer) { self.disk = disk }

  /// An empty disk, whose faults are drawn by `seed`.
  package convenience init(seed: UInt64 = 0) { self.init(owning: sim_disk_make(seed)) }

  /// A copy of what is on `other`, all of it durable, without its faults: a database that was made ready once is had
  /// for the price of copying its bytes.
  package convenience init(cloning other: SimulatedDisk, seed: UInt64 = 0) {
    self.init(owning: sim_disk_clone(other.disk, seed))
  }

  deinit { sim_disk_free(disk) }

  package func isLocal(_ path: FilePath) -> Bool { true }

  /// The disk after the end of the process, by a kill for example: files are as the process left them, unsynced writes
  /// too; locks are free; what is open is lost.
  package func crash() -> SimulatedDisk { SimulatedDisk(owning: sim_disk_crash(disk)) }

  /// The disk after a power cut: of what was not synced `seed` draws what survives, in part and in sectors.
  package func powerCut(seed: UInt64) -> SimulatedDisk { SimulatedDisk(owning: sim_disk_power_cut(disk, seed)) }

  /// The disk fails under the process and is mended: what is open is lost, and what a power cut would take.
  package func fallOut(seed: UInt64) { sim_disk_fall_out(disk, seed) }

  /// How many disks, and handles of SQLite on them, there are in the process: none when all were let go of.
  package static var liveCount: Int { Int(sim_disk_live_count()) }

  // MARK: What goes wrong

  /// What goes wrong with operations.
  package enum Fault: CaseIterable, Sendable {
    /// A write that makes a file longer is done in part and fails: `SQLITE_FULL`.
    case full
    /// Reads, writes, syncs and openings fail: `SQLITE_IOERR`, `SQLITE_CANTOPEN`; of a write a part may be done.
    case ioError
    /// A foreign writer has its lock: `SQLITE_BUSY`.
    case busy

    fileprivate var number: sim_fault {
      switch self {
      case .full: SIM_FULL
      case .ioError: SIM_IO_ERROR
      case .busy: SIM_BUSY
      }
    }
  }

  /// Each operation with a number in `operations` has this fault, if it is one that can; with `oneIn`, only some of
  /// them, drawn by the disk's seed. Sixteen rules at most.
  package func fail(_ fault: Fault, operations: ClosedRange<UInt64>, oneIn: UInt64 = 1) {
    sim_disk_add_fault(disk, fault.number, operations.lowerBound, operations.upperBound, oneIn)
  }

  /// Whether every operation has this fault that can, from now on.
  package subscript(fault: Fault) -> Bool {
    get { sim_disk_has_fault(disk, fault.number) }
    set { sim_disk_set_fault(disk, fault.number, newValue) }
  }

  /// No rule holds any more, and the disk can be written.
  package func clearFaults() { sim_disk_clear_faults(disk) }

  /// As a file system that was mounted read-only anew.
  package var isReadOnly: Bool {
    get { sim_disk_is_read_only(disk) }
    set { sim_disk_set_read_only(disk, newValue) }
  }

  /// The process comes to its end in that operation: if it is a write it is done in part; nothing happens on the disk
  /// after it, and all that is asked fails. Then ``crash()`` or ``powerCut(seed:)`` shows what is left.
  package func halt(atOperation number: UInt64) { sim_disk_halt_at(disk, number) }

  /// Whether that has happened.
  package var isHalted: Bool { sim_disk_is_halted(disk) }

  /// How many operations were begun, from 1 on: what SQLite opens, reads, writes, cuts, syncs, removes and locks.
  package var operationCount: UInt64 { sim_disk_operation_count(disk) }

  /// How many of them failed by a rule.
  package var faultCount: UInt64 { sim_disk_fault_count(disk) }

  /// How many writes and truncations a power cut could undo now.
  package var unsyncedCount: UInt64 { sim_disk_unsynced_count(disk) }

  /// What SQLite takes for the time, in milliseconds since 1970.
  package func setTime(_ milliseconds: Int64) { sim_disk_set_time(disk, milliseconds) }

  // MARK: Files

  /// Renames a file; one at `target` is replaced.
  package func rename(_ path: FilePath, to target: FilePath) throws(Errno) {
    _ = try checked(sim_disk_rename(disk, path.string, target.string))
  }

  /// Makes a new file with this content, in the place of one that is there.
  package func put(_ bytes: [UInt8], at path: FilePath) throws(Errno) {
    _ = try checked(sim_disk_put(disk, path.string, bytes, bytes.count))
  }

  /// Damages a file in place, at once and durably.
  package func overwrite(_ bytes: [UInt8], at offset: Int, of path: FilePath) throws(Errno) {
    _ = try checked(sim_disk_overwrite(disk, path.string, offset, bytes, bytes.count))
  }

  /// The bytes of a file as a process would read them; nil if there is none.
  package func content(of path: FilePath) throws(Errno) -> [UInt8]? {
    guard let size = try byteCount(of: path) else { return nil }
    return [UInt8](unsafeUninitializedCapacity: Int(size)) { buffer, count in
      count = Int(sim_disk_content(disk, path.string, buffer.baseAddress, buffer.count))
    }
  }

  private func checked(_ result: Int32) throws(Errno) -> Int32 {
    if result < 0 { throw Errno(rawValue: -result) }
    return result
  }

  // MARK: StoreDisk

  package var vfsName: String? { String(cString: sim_disk_vfs_name(disk)) }

  /// There are no links and no folders: the text alone is looked at.
  package func canonical(_ path: FilePath) -> FilePath {
    path.isAbsolute ? path.lexicallyNormalized() : FilePath("/").pushing(path).lexicallyNormalized()
  }

  package func create(_ path: FilePath) throws(Errno) -> Bool { try checked(sim_disk_create(disk, path.string)) == 1 }

  package func identity(_ path: FilePath) throws(Errno) -> FileIdentity? {
    let inode = sim_disk_inode(disk, path.string)
    if inode < 0 { throw Errno(rawValue: CInt(-inode)) }
    return inode == 0 ? nil : FileIdentity(device: Self.device, inode: UInt64(inode))
  }

  package func byteCount(of path: FilePath) throws(Errno) -> UInt64? {
    let size = sim_disk_content(disk, path.string, nil, 0)
    if size == -Int64(Errno.noSuchFileOrDirectory.rawValue) { return nil }
    if size < 0 { throw Errno(rawValue: CInt(-size)) }
    return UInt64(size)
  }

  /// Who has the file open keeps it.
  package func remove(_ path: FilePath) throws(Errno) {
    do throws(Errno) {
      _ = try checked(sim_disk_remove(disk, path.string))
    } catch {
      if error != .noSuchFileOrDirectory { throw error }
    }
  }

  package func objection(to path: FilePath) -> String? {
    isReadOnly ? Errno.readOnlyFileSystem.description : nil
  }

  package func lock(_ database: FilePath) throws(StoreError) -> any AnyObject & Sendable {
    guard sim_disk_take_lock(disk, database.string) else {
      throw StoreError(Failure("already running", help: "another run has the lock of \(database)"), isPassing: false)
    }
    return Lock(of: database.string, on: self)
  }

  private final class Lock: Sendable {
    private let name: String
    private let disk: SimulatedDisk

    init(of name: String, on disk: SimulatedDisk) {
      self.name = name
      self.disk = disk
    }

    deinit { sim_disk_drop_lock(disk.disk, name) }
  }
}
