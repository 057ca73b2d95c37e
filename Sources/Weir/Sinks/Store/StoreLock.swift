import Glibc
import SystemPackage

/// One agent at a time per database: holds a lock on `<database>.lock` until it is let go of, or the process ends.
///
/// flock(2): the kernel takes it back from a process that dies in any way. The file stays, as removing it would
/// let two hold a lock each.
public final class StoreLock: Sendable {
  private let descriptor: Int32

  /// Takes the lock for the agent of `database`, and writes the process's number into it.
  ///
  /// - Throws: ``Failure``, "already running as pid N", if another holds it; or if the file cannot be made.
  public convenience init(for database: FilePath) throws(Failure) {
    do { try self.init(taking: database) } catch { throw error.failure }
  }

  /// As ``init(for:)``, saying whether what is wrong may pass.
  init(taking database: FilePath) throws(StoreError) {
    let canonical = LinuxDisk().canonical(database)
    let path = LinuxDisk.sibling(of: canonical, suffix: ".lock")
    let descriptor = path.withPlatformString {
      open($0, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, LinuxDisk.mode)
    }
    guard descriptor >= 0 else { throw StoreError("cannot lock database \(canonical)", Errno(rawValue: errno)) }
    guard Self.isLocked(descriptor) else {
      let reason = Errno(rawValue: errno)
      let holder = Self.holder(descriptor)
      close(descriptor)
      guard reason == .resourceTemporarilyUnavailable else {
        throw StoreError("cannot lock database \(canonical)", reason)
      }
      let failure = Failure(
        "already running\(holder.map { " as pid \($0)" } ?? "")",
        help: "one agent at a time uses the database \(canonical)")
      throw StoreError(failure, isPassing: false)
    }
    self.descriptor = descriptor
    writeHolder()
  }

  /// A process that this one forked meanwhile shares what is open until its exec(2): where the holder is this process
  /// itself, as it has let go, another try a moment later is enough.
  private static func isLocked(_ descriptor: Int32) -> Bool {
    for _ in 0..<tries {
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return true }
      guard errno == EWOULDBLOCK, holder(descriptor) == Int(getpid()) else { return false }
      usleep(10_000)
    }
    return flock(descriptor, LOCK_EX | LOCK_NB) == 0
  }

  private static let tries = 100

  deinit { close(descriptor) }

  /// Who holds the lock is for people to read: without it the lock holds as well.
  private func writeHolder() {
    let text = Array("\(getpid())\n".utf8)
    if ftruncate(descriptor, 0) == 0 { _ = pwrite(descriptor, text, text.count, 0) }
  }

  private static func holder(_ descriptor: Int32) -> Int? {
    var text = [UInt8](repeating: 0, count: 32)
    let length = pread(descriptor, &text, text.count, 0)
    return Int(String(decoding: text.prefix(max(0, length)).prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self))
  }
}
