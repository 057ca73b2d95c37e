import CLinux
import Coroutines
import Glibc
import SystemPackage

/// inotify(7): one descriptor that tells of changes to many files and folders.
final class Inotify: FileEvents {
  let descriptor: Descriptor

  /// - Throws: EMFILE where the user has too many (fs.inotify.max_user_instances), or the process too many files.
  init() throws(SystemError) {
    let number = inotify_init1(Int32(IN_CLOEXEC | IN_NONBLOCK))
    guard number >= 0 else { throw SystemError("inotify_init1") }
    descriptor = Descriptor(owning: number)
  }

  func watch(_ path: FilePath, for flags: Int32) throws(SystemError) -> Int32 {
    let number = path.withPlatformString {
      inotify_add_watch(descriptor.number, $0, UInt32(bitPattern: flags))
    }
    guard number >= 0 else { throw SystemError("inotify_add_watch") }
    return number
  }

  func watch(_ file: any ReadableFile, at path: FilePath, for flags: Int32) throws(SystemError) -> Int32 {
    guard let descriptor = file.base as? Descriptor else { return try watch(path, for: flags) }
    do throws(SystemError) {
      return try watch(FilePath("/proc/self/fd/\(descriptor.number)"), for: flags)
    } catch {
      guard error.isAbsence else { throw error }
      return try watch(path, for: flags)
    }
  }

  func unwatch(_ watch: Int32) { inotify_rm_watch(descriptor.number, watch) }

  func wait(on scheduler: Scheduler) async throws { try await scheduler.readable(descriptor.number) }

  /// As much as 64 KiB hold.
  func events() throws(SystemError) -> [FileEvent] {
    var events: [FileEvent] = []
    var failure: SystemError?
    withUnsafeTemporaryAllocation(byteCount: 64 << 10, alignment: 8) { buffer in
      do throws(SystemError) {
        let count = try descriptor.read(into: buffer) ?? 0
        events = Self.parse(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return events
  }

  /// struct inotify_event: wd, mask, cookie, len, and `len` bytes of name with NULs behind it.
  private static func parse(_ bytes: UnsafeRawBufferPointer) -> [FileEvent] {
    var events: [FileEvent] = []
    var position = 0
    // A file that is made, written and removed tells its name each time; making one of its bytes is what costs here.
    var last: (bytes: UnsafeRawBufferPointer, name: FilePath.Component?)?
    while position + 16 <= bytes.count {
      let length = Int(bytes.loadUnaligned(fromByteOffset: position + 12, as: UInt32.self))
      let name = UnsafeRawBufferPointer(rebasing: bytes[(position + 16)..<(position + 16 + length)])
      if last?.bytes.elementsEqual(name) != true { last = (name, Self.component(name)) }
      events.append(
        FileEvent(
          watch: bytes.loadUnaligned(fromByteOffset: position, as: Int32.self),
          mask: bytes.loadUnaligned(fromByteOffset: position + 4, as: UInt32.self), name: last?.name))
      position += 16 + length
    }
    return events
  }

  private static func component(_ name: UnsafeRawBufferPointer) -> FilePath.Component? {
    guard let start = name.baseAddress, !name.isEmpty else { return nil }
    return FilePath.Component(platformString: start.assumingMemoryBound(to: CChar.self))
  }
}
