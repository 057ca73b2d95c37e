import Coroutines

/// The fingerprint of a file's first bytes, 1024 at most, growing as the file is read.
struct FileHead: Sendable {
  /// Enough to tell two logs apart that begin with the same banner.
  static let byteLimit = 1024

  private(set) var fingerprint = Fingerprint.none
  /// These bytes themselves; nil of a file that is not small any more.
  private(set) var bytes: [UInt8]? = []

  /// Takes in what `bytes`, which lie at `offset` in the file, add to the first 1024.
  mutating func extend(with bytes: UnsafeRawBufferPointer, at offset: UInt64) {
    let known = fingerprint.byteCount
    guard known < Self.byteLimit, offset <= UInt64(known) else { return }
    let first = known - Int(offset)
    let end = min(bytes.count, Self.byteLimit - Int(offset))
    guard first < end else { return }
    let added = UnsafeRawBufferPointer(rebasing: bytes[first..<end])
    fingerprint = fingerprint.extended(with: added)
    self.bytes?.append(contentsOf: added)
  }

  /// The file is too large for its copies to be told by these bytes alone.
  mutating func forgetBytes() { bytes = nil }
}

extension Fingerprint {
  /// The most bytes before an offset that a marker is of.
  static let markerByteLimit = 64

  /// Of these bytes and then `bytes`: FNV-1a goes on where it was.
  func extended(with bytes: UnsafeRawBufferPointer) -> Fingerprint {
    guard byteCount > 0 else { return Fingerprint(of: bytes) }
    var hash = hash
    for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return Fingerprint(byteCount: byteCount + bytes.count, hash: hash)
  }

  /// Of the last 64 of `bytes`.
  static func marker(before bytes: UnsafeRawBufferPointer) -> Fingerprint {
    bytes.isEmpty ? .none : Fingerprint(of: UnsafeRawBufferPointer(rebasing: bytes.suffix(markerByteLimit)))
  }

  /// Whether the bytes at `offset` in the file are these.
  func matches(_ file: any ReadableFile, at offset: UInt64) throws(SystemError) -> Bool {
    guard byteCount > 0 else { return true }
    let bytes = try file.bytes(at: offset, count: byteCount)
    return bytes.count == byteCount && bytes.withUnsafeBytes { Fingerprint(of: $0) } == self
  }
}
