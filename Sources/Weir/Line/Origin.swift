import SystemPackage

/// What makes a file the same file after a rename: the device and inode.
public struct FileIdentity: Hashable, Sendable {
  /// No file's: stat(2) has none so large.
  static let noDevice = UInt64.max

  /// st_dev of stat(2).
  public let device: UInt64
  /// st_ino of stat(2).
  public let inode: UInt64

  /// As stat(2) gave them.
  public init(device: UInt64, inode: UInt64) {
    self.device = device
    self.inode = inode
  }
}

/// A hash of some bytes of a file and how many bytes it is of; of no bytes, it says nothing.
public struct Fingerprint: Hashable, Sendable {
  /// How many bytes were hashed.
  public let byteCount: Int
  /// FNV-1a, 64 bits, of those bytes.
  public let hash: UInt64

  /// A fingerprint that was computed before.
  public init(byteCount: Int, hash: UInt64) {
    self.byteCount = byteCount
    self.hash = hash
  }

  /// Hashes `bytes`.
  public init(of bytes: UnsafeRawBufferPointer) {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    self.init(byteCount: bytes.count, hash: hash)
  }

  /// The fingerprint of nothing.
  public static let none = Fingerprint(byteCount: 0, hash: 0)
}

/// One generation of one followed file, or a stream. Two origins are never equal: a file that was truncated or
/// replaced has a new origin.
public final class Origin: Sendable {
  /// The absolute path by which the file was first found; `-` for standard input.
  public let path: FilePath
  /// nil for standard input and FIFOs, which cannot be read again.
  public let identity: FileIdentity?

  /// A new generation.
  public init(path: FilePath, identity: FileIdentity?) {
    self.path = path
    self.identity = identity
  }
}

/// How far a file has been taken, and enough to know the file again after a restart.
public struct Checkpoint: Sendable {
  /// `Origin.path`.
  public var path: FilePath
  /// `Origin.identity`.
  public var identity: FileIdentity
  /// Of the first bytes of the file, 1024 at most: it grows with the file.
  public var head: Fingerprint
  /// The offset of the first byte that has not been taken: the start of a line, or what was added to a line that was
  /// given out unfinished.
  public var offset: UInt64
  /// Of the bytes just before `offset`, 64 at most.
  public var marker: Fingerprint
  /// Whether no more is expected of the file: another has its name, and all of it was taken, or is known to be lost. If
  /// it is not found again, nothing is missing.
  public var isDone: Bool
  /// When what lies before `offset` was read, milliseconds since 1970; 0 if that is not known. Not compared.
  public internal(set) var readAtMilliseconds: Int64 = 0

  /// A checkpoint with these values.
  public init(
    path: FilePath, identity: FileIdentity, head: Fingerprint, offset: UInt64, marker: Fingerprint,
    isDone: Bool = false
  ) {
    self.path = path
    self.identity = identity
    self.head = head
    self.offset = offset
    self.marker = marker
    self.isDone = isDone
  }
}

extension Checkpoint: Hashable {
  /// Whether both say the same of the same file, whenever that was read.
  public static func == (left: Checkpoint, right: Checkpoint) -> Bool {
    left.identity == right.identity && left.offset == right.offset && left.marker == right.marker
      && left.head == right.head && left.isDone == right.isDone && left.path == right.path
  }

  /// Hashes what tells most of them apart.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(identity)
    hasher.combine(offset)
    hasher.combine(marker)
  }
}

extension Checkpoint {
  /// Whether it knows no byte: of a file that was empty.
  var isBlank: Bool { offset == 0 && head.byteCount == 0 }

  /// Whether it says no more than that nothing is expected behind another one; not if that is of another file, which
  /// has the inode number by now.
  func ends(_ other: Checkpoint?) -> Bool {
    guard let other, !other.isDone, other.identity == identity, other.path == path else { return false }
    // Of how it begins one may know more than another.
    return other.offset == offset && other.marker == marker && (offset > 0 || other.head == head)
  }

  /// For the log: what was read of which file.
  var summary: String {
    "\(path), inode \(identity.inode), up to byte \(offset), by its first \(head.byteCount), "
      + "read at \(readAtMilliseconds)\(isDone ? ", done" : "")"
  }
}
