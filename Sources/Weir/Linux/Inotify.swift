import CLinux
import Coroutines
import Glibc
import SystemPackage

/// inotify(7): one descriptor that tells of changes to many files and folders.
final class Inotify {
  struct Event: Equatable {
    /// What ``watch(_:for:)`` returned; -1 with an overflow.
    let watch: Int32
    let mask: UInt32
    /// The name in a watched folder; nil where the event is of the watched thing itself.
    let name: FilePath.Component?

    func has(_ flags: Int32) -> Bool { mask & UInt32(bitPattern: flags) != 0 }
  }

  let descriptor: Descriptor

  /// - Throws: EMFILE where the user has too many (fs.inotify.max_user_instances), or the process too many files.
  init() throws(SystemError) {
    let number = inotify_init1(Int32(IN_CLOEXEC | IN_NONBLOCK))
    guard number >= 0 else { throw SystemError("inotify_init1") }
    descriptor = Descriptor(owning: number)
  }

  /// Watches what `path` leads to. The same file or folder has the same number, by whatever path.
  ///
  /// - Throws: ENOSPC where the user has too many watches (fs.inotify.max_user_watches).
  func watch(_ path: FilePath, for flags: Int32) throws(SystemError) -> Int32 {
    let number = path.withPlatformString {
      inotify_add_watch(descriptor.number, $0, UInt32(bitPattern: flags))
    }
    guard number >= 0 else { throw SystemError("inotify_add_watch") }
    return number
  }

  /// Ends a watch; one that the kernel has ended by itself is no error.
  func unwatch(_ watch: Int32) { inotify_rm_watch(descriptor.number, watch) }

  /// What has happened, as much as 64 KiB hold; empty when nothing has.
  func events() throws(SystemError) -> [Event] {
    var events: [Event] = []
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
  private static func parse(_ bytes: UnsafeRawBufferPointer) -> [Event] {
    var events: [Event] = []
    var position = 0
    while position + 16 <= bytes.count {
      let length = Int(bytes.loadUnaligned(fromByteOffset: position + 12, as: UInt32.self))
      let name = (bytes.baseAddress! + position + 16).assumingMemoryBound(to: CChar.self)
      events.append(
        Event(
          watch: bytes.loadUnaligned(fromByteOffset: position, as: Int32.self),
          mask: bytes.loadUnaligned(fromByteOffset: position + 4, as: UInt32.self),
          name: length == 0 ? nil : FilePath.Component(platformString: name)))
      position += 16 + length
    }
    return events
  }
}
