import Glibc
import Testing

/// A small file system of its own, mounted in a folder of a test: `m`. For root alone.
final class Mount {
  enum Kind {
    /// In memory, of so many KiB.
    case memory(kibibytes: Int)
    /// ext4 on a file, which turns read-only when it finds an error.
    case disk
  }

  private let folder: Scratch
  private let kind: Kind

  init(_ kind: Kind, in folder: Scratch) throws {
    self.folder = folder
    self.kind = kind
    try #require(mkdir(folder.file("m"), 0o755) == 0)
    if case .disk = kind {
      try #require(folder.run("sh", "-c", "cd \(folder.path) && truncate -s 16M image && mkfs.ext4 -q image") == 0)
    }
    try #require(mount() == 0)
  }

  deinit { detach() }

  /// Mounts it, or mounts it again.
  func mount() -> Int32 {
    switch kind {
    case .memory(let size): folder.run("mount", "-t", "tmpfs", "-o", "size=\(size)k", "none", folder.file("m"))
    case .disk:
      folder.run("mount", "-o", "loop,errors=remount-ro", folder.file("image"), folder.file("m"))
    }
  }

  /// Makes one in memory larger.
  func enlarge(toKibibytes size: Int) throws {
    try #require(folder.run("mount", "-o", "remount,size=\(size)k", folder.file("m")) == 0)
  }

  /// Has ext4 find an error: from now on it is read-only, also for those who have files open.
  func fail() throws {
    let script = "d=$(findmnt -no SOURCE \(folder.file("m"))) && echo test > /sys/fs/ext4/${d#/dev/}/trigger_fs_error"
    try #require(folder.run("sh", "-c", script) == 0)
  }

  /// Takes it away, also from those who have files open.
  func detach() { folder.run("umount", "-l", folder.file("m")) }

  /// Mends a disk that was taken away, once nobody has a file of it open.
  func mend() throws {
    let image = folder.file("image")
    let deadline = ContinuousClock.now + .seconds(30)
    while folder.run("sh", "-c", "losetup -j \(image) | grep -q .") == 0 {
      try #require(ContinuousClock.now < deadline, "someone still has a file open that was taken away")
      poll(nil, 0, 20)  // looks again: the kernel tells nobody
    }
    try #require(folder.run("sh", "-c", "e2fsck -fy \(image) > /dev/null 2>&1") <= 1)
  }

  static let isPossible = geteuid() == 0 && canMount()

  private static func canMount() -> Bool {
    guard let folder = try? Scratch(), let mount = try? Mount(.disk, in: folder) else { return false }
    defer { withExtendedLifetime(mount) {} }
    let trigger = "/sys/fs/ext4/$(findmnt -no SOURCE \(folder.file("m")) | cut -c6-)/trigger_fs_error"
    return folder.run("sh", "-c", "test -w \(trigger)") == 0
  }
}
