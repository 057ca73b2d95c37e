import SystemPackage

@testable import Weir

/// A file, folder, link or FIFO of the simulated disk. An inode number is free again when nothing leads to it.
final class Node {
  let inode: UInt64
  let kind: FileStatus.Kind
  /// Unlike inode numbers, never used again: what the oracle knows a file by.
  let serial: Int
  var bytes: [UInt8] = []
  /// Names that lead to it.
  var linkCount = 0
  /// Descriptors on it.
  var openCount = 0
  /// Those of them that a life of the agent has.
  var agentOpenCount = 0
  var modifiedAt = Duration.zero
  /// Of a folder.
  var children: [String: Node] = [:] {
    didSet { knownNames = nil }
  }
  /// Of a folder's children, sorted, since somebody asked.
  var knownNames: [FilePath.Component]?
  /// Of a symbolic link.
  var target: FilePath = ""
  /// Of a FIFO: the two ends of a real pipe.
  var pipe: (reading: Int32, writing: Int32)?
  /// Whether the agent may open it, and read a folder.
  var isReadable = true
  /// Of a folder: whether the agent may pass through it.
  var isSearchable = true
  /// How many of its bytes the present life of the agent has seen to be there.
  var seenByteCount = 0
  /// Whether some life of the agent has opened it.
  var wasOpened = false
  /// Names under which a life of the agent opened it.
  var openedNames: Set<FilePath> = []
  /// The same of all lives, whether or not they took that down.
  var everOpenedNames: Set<FilePath> = []
  /// When a life of the agent opened it first.
  var openedAt: Duration?
  /// Whether some life of the agent could not open it, or read what it had opened.
  var wasDenied = false
  /// Names under which a life of the agent that did not have it open was refused it, or its bytes.
  var deniedNames: Set<FilePath> = []
  /// Whether some life of the agent has read it.
  var wasRead = false
  /// Whether an agent could find it, be it that it was rotated away before anyone looked.
  var isFindable = false
  /// How many of its first bytes are those of every file of its program.
  var bannerByteCount = 0
  /// How many of its bytes some life of the agent has read since it was emptied last.
  var readByteCount = 0
  /// The same of all lives, also those that were killed.
  var mostReadByteCount = 0
  /// How often it was emptied.
  var generation = 0
  /// Whether its bytes are gzip's.
  var isCompressed = false
  /// How many of the next reads fail.
  var failingReads = 0

  init(inode: UInt64, kind: FileStatus.Kind, serial: Int) {
    self.inode = inode
    self.kind = kind
    self.serial = serial
  }

  func status(device: UInt64) -> FileStatus {
    FileStatus(
      identity: FileIdentity(device: device, inode: inode), kind: kind, size: UInt64(bytes.count),
      linkCount: UInt64(linkCount), modifiedAt: modifiedAt)
  }
}
