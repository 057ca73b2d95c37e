import SystemPackage
import Testing

@testable import Weir

/// Finding what is known of a file among much.
@Suite struct KnownFilesTests {
  private func checkpoint(_ path: FilePath, inode: UInt64, at offset: UInt64 = 1) -> Checkpoint {
    Checkpoint(
      path: path, identity: FileIdentity(device: 1, inode: inode), head: .none, offset: offset, marker: .none)
  }

  @Test func findsWhatALookThroughAllFinds() {
    let sinks: [[Checkpoint]] = [
      (0..<300).map { checkpoint(FilePath("/log/\($0 % 70)"), inode: UInt64($0 % 90), at: UInt64($0)) },
      [],
      (0..<50).map { checkpoint(FilePath("/log/\($0)"), inode: UInt64(1000 - $0), at: UInt64($0)) },
    ]
    let files = KnownFiles(sinks)
    for inodes in [[], [3], [89, 0], [960, 5], [7777]] as [Set<UInt64>] {
      #expect(
        files.checkpoints(withInodes: inodes) == sinks.map { $0.filter { inodes.contains($0.identity.inode) } })
    }
    for path in ["/log/0", "/log/69", "/log/49", "/log", "/other"] as [FilePath] {
      for sink in sinks.indices {
        #expect(files.checkpoints(of: sink, at: path) == sinks[sink].filter { $0.path == path })
      }
    }
  }
}
