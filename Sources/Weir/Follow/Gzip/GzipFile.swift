import Coroutines
import Synchronization

/// A gzip file as its content: what is followed and sought works on it as on the file that was compressed. Offsets are
/// of the content.
///
/// The content is read in order. Reading goes on where it was, or a little before; further back it begins anew at the
/// first byte, and what lies further on is reached through all that lies between. That takes its time: where others
/// wait, ``step(toward:)`` goes there first, in bounded steps. Holds about 90 KiB, whatever the content is. Any thread.
final class GzipFile: ReadableFile {
  /// How much content a step reads, at most: a few milliseconds.
  static let stepBytes = 1 << 20
  /// How much of the file a step reads, about: for what gives next to no content.
  private static let stepInputBytes = 512 << 10

  let base: any ReadableFile
  private let content: Mutex<GzipContent>

  /// - Parameters:
  ///   - base: the gzip file.
  ///   - limit: how much of it is read, in bytes: with `--once` what was there when it was opened.
  /// - Throws: ENOMEM.
  init(_ base: any ReadableFile, limit: UInt64 = .max) throws(SystemError) {
    self.base = base
    content = Mutex(GzipContent(try GzipReader(base, limit: limit)))
  }

  /// Why nothing more was had when it was read last; nil where there may be more.
  var ending: GzipReader.Ending? { content.withLock { $0.reader.ending } }

  /// Whether something that is no gzip lies behind the last member.
  var hasGarbage: Bool { content.withLock { $0.reader.hasGarbage } }

  /// As of the gzip file, but `size`: how much of the content is known to be there. That grows as the content is read.
  func status() throws(SystemError) -> FileStatus {
    let status = try base.status()
    let size = try content.withLock { (content) throws(SystemError) in
      if content.knownSize == 0 { _ = try content.look(beyond: 0, inputLimit: Self.stepInputBytes) }
      return content.knownSize
    }
    return FileStatus(
      identity: status.identity, kind: status.kind, size: size, linkCount: status.linkCount,
      modifiedAt: status.modifiedAt)
  }

  func read(into bytes: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(SystemError) -> Int {
    try content.withLock { (content) throws(SystemError) in try content.read(into: bytes, at: offset) }
  }

  /// Goes a step towards `offset`; there, it sees whether anything follows.
  ///
  /// - Returns: whether it is there, or the content ends before, as ``ending`` says.
  /// - Throws: what reading the gzip file throws; another step tries again.
  func step(toward offset: UInt64) throws(SystemError) -> Bool {
    try content.withLock { (content) throws(SystemError) in
      try content.look(beyond: offset, inputLimit: Self.stepInputBytes)
    }
  }

  /// Shows some of what follows in the content.
  ///
  /// - Returns: whether there is more.
  /// - Throws: as ``step(toward:)``.
  func pass(_ see: (UnsafeRawBufferPointer) -> Void) throws(SystemError) -> Bool {
    try content.withLock { (content) throws(SystemError) in
      try content.pass(see, inputLimit: Self.stepInputBytes)
    }
  }

  /// Begins again at the first byte.
  func rewind() { content.withLock { $0.rewind() } }

  /// Keeps the bytes before `offset`, where steps have led, at hand wherever reading goes.
  func keepMarker(before offset: UInt64) { content.withLock { $0.keepMarker(before: offset) } }

  /// What was kept is needed no more.
  func forgetMarkers() { content.withLock { $0.forgetMarkers() } }
}
