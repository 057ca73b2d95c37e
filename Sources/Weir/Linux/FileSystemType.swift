import CLinux
import Coroutines
import Glibc
import SystemPackage

/// What kind of file system a file is on: `f_type` of statfs(2).
struct FileSystemType: Equatable, Sendable {
  let magic: UInt32

  /// Those that other machines, or programs, write to behind the kernel's back: inotify(7) tells only of what is
  /// done through this kernel. The numbers are those of linux/magic.h, statfs(2), and what coreutils' stat.c calls
  /// remote.
  private static let shared: [UInt32: String] = [
    0x0000_6969: "NFS",
    0x0000_517b: "SMB",
    0xff53_4d42: "CIFS",
    0xfe53_4d42: "SMB2",
    0x6573_5546: "FUSE",
    0x0102_1997: "9P",
    0x5346_414f: "AFS",  // OpenAFS
    0x6b41_4653: "AFS",  // the kernel's
    0x7375_7245: "Coda",
    0x0000_564c: "NCP",
    0x00c3_6400: "Ceph",
    0x7461_636f: "OCFS2",
    0x0116_1970: "GFS2",
    0x4750_4653: "GPFS",
    0x0bd0_0bd0: "Lustre",
    0x1983_0326: "BeeGFS",
    0xaad7_aaea: "PanFS",
    0xbeef_dead: "SNFS",
    0x786f_4256: "vboxsf",
    0xbacb_acbc: "vmhgfs",
    0x7c7c_6673: "prl_fs",
  ]

  /// Of what `path` leads to.
  static func of(_ path: FilePath) throws(SystemError) -> FileSystemType {
    var status = statfs()
    let result = path.withPlatformString { statfs($0, &status) }
    guard result == 0 else { throw SystemError("statfs") }
    return FileSystemType(magic: UInt32(truncatingIfNeeded: status.f_type))
  }

  /// What people call it, if changes may come to it that the kernel tells nobody of; nil of others.
  var sharedName: String? { Self.shared[magic] }
}
