import Coroutines
import Synchronization
import SystemPackage

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
  /// By which it was opened, for people.
  let path: FilePath
  /// Where the last so many lines begin, once that was sought.
  private let lastLines = Mutex<[Int: UInt64]>([:])
  private let content: Mutex<GzipContent>

  /// - Parameters:
  ///   - base: the gzip file.
  ///   - path: by which it was opened.
  ///   - limit: how much of it is read, in bytes: with `--once` what was there when it was opened.
  /// - Throws: ENOMEM.
  init(_ base: any ReadableFile, at path: FilePath, limit: UInt64 = .max) throws(SystemError) {
    self.base = base
    self.path = path
    content = Mutex(GzipContent(try GzipReader(base, limit: limit)))
  }

  /// Why nothing more was had when it was read last; nil where there may be more.
  var ending: GzipReader.Ending? { content.withLock { $0.reader.ending } }

  /// How much of the content is known to be there.
  var knownSize: UInt64 { content.withLock { $0.knownSize } }

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

  /// Keeps the bytes before `offset`, where steps have led, at hand wherever reading goes.
  func keepMarker(before offset: UInt64) { content.withLock { $0.keepMarker(before: offset) } }

  /// What was kept is needed no more.
  func forgetMarkers() { content.withLock { $0.forgetMarkers() } }

  /// Goes on in steps to where the content ends now.
  ///
  /// - Parameter pause: between steps.
  /// - Returns: how much content there is.
  func endOfContent(_ pause: () async throws -> Void) async throws -> UInt64 {
    while try pass({ _ in }) { try await pause() }
    return knownSize
  }

  /// Where the last `count` lines begin, as ``ReadableFile/startOfLastLines(_:size:)``; nil where that was not sought.
  func startOfLastLines(_ count: Int) -> UInt64? { lastLines.withLock { $0[count] } }

  /// Seeks in steps where the last `count` lines begin: counts all, and then those before.
  ///
  /// - Parameter pause: between steps.
  func findLastLines(_ count: Int, _ pause: () async throws -> Void) async throws -> UInt64 {
    var ends = 0
    var isAtLineEnd = true
    content.withLock { $0.rewind() }
    func look(_ bytes: UnsafeRawBufferPointer) {
      for byte in bytes where byte == 0x0a { ends += 1 }
      if let last = bytes.last { isAtLineEnd = last == 0x0a }
    }
    while try pass(look) { try await pause() }
    var left = ends + (isAtLineEnd ? 0 : 1) - count
    var start: UInt64 = count == 0 ? knownSize : 0
    if count > 0, left > 0 {
      content.withLock { $0.rewind() }
      func seek(_ bytes: UnsafeRawBufferPointer) {
        for byte in bytes where left > 0 {
          start += 1
          if byte == 0x0a { left -= 1 }
        }
      }
      while try left > 0 && pass(seek) { try await pause() }
    }
    lastLines.withLock { [start] in $0[count] = start }
    return start
  }

  /// Shows a piece of what follows in the content.
  ///
  /// - Returns: whether there is more.
  private func pass(_ see: (UnsafeRawBufferPointer) -> Void) throws(SystemError) -> Bool {
    try content.withLock { (content) throws(SystemError) in
      try content.pass(see, inputLimit: Self.stepInputBytes)
    }
  }
}
