import Coroutines
import SystemPackage

/// A file that may be a rotated copy, and what is known of its content: looked into as little as an answer needs.
///
/// Owner: one search.
final class RotatedFile {
  /// What is seen at once.
  private struct Glance {
    let content: FileContent
    /// The first KiB of the content.
    let head: [UInt8]
    /// Of gzip: the size of the last member's content modulo 2^32, as its last four bytes say.
    var lastSize: UInt32?
  }

  let path: FilePath
  let status: FileStatus
  /// By its name.
  let isCompressed: Bool
  /// Why not all of it can be looked at.
  private(set) var trouble: String?
  private let files: any FileSystem
  private let pause: CopySearch.Pause
  private var glance: Glance?
  /// Fingerprints of the first bytes, by how many these are.
  private var prefixes: [Int: Fingerprint] = [:]
  /// Of gzip: of the bytes before each offset that was asked for; none where the content ends before.
  private var markers: [UInt64: Fingerprint] = [:]
  /// Of gzip: open, and read up to the furthest of these offsets.
  private var gzip: GzipFile?
  /// As long as somebody has it open.
  private weak var opened: (any ReadableFile)?
  /// Of gzip: how much content is known to be in it.
  private var knownSize: UInt64 = 0

  init(_ path: FilePath, _ status: FileStatus, in files: any FileSystem, pause: @escaping CopySearch.Pause) {
    self.path = path
    isCompressed = FileContent(name: path) != .text
    self.status = status
    self.files = files
    self.pause = pause
  }

  /// Text, gzip, or what cannot be read; nil where it cannot be looked at.
  func content() async throws -> FileContent? { try await look()?.content }

  /// Whether the first bytes are those of a checkpoint.
  func hasHead(of checkpoint: Checkpoint) async throws -> Bool {
    guard let glance = try await look(), glance.content == .text || glance.content == .gzip else { return false }
    return isPrefix(checkpoint.head, of: glance.head)
  }

  /// Whether a fingerprint is of the first of these bytes, which are always the same.
  private func isPrefix(_ fingerprint: Fingerprint, of head: [UInt8]) -> Bool {
    let count = fingerprint.byteCount
    guard count <= head.count else { return false }
    if count == 0 { return true }
    let own = prefixes[count] ?? head.prefix(count).withUnsafeBytes { Fingerprint(of: $0) }
    prefixes[count] = own
    return own == fingerprint
  }

  /// The first KiB of its content; nil where it cannot be looked at.
  func firstBytes() async throws -> [UInt8]? { try await look()?.head }

  /// How much content it has, modulo 2^32, by what its last bytes say; nil where it is no gzip.
  func presumedSize() async throws -> UInt32? { try await look()?.lastSize }

  /// Whether the file has, by what its last bytes say, as many bytes of content as `size`.
  func isPresumably(ofSize size: UInt64) async throws -> Bool {
    try await presumedSize() == UInt32(truncatingIfNeeded: size)
  }

  /// Whether the file has fewer bytes than the head is of.
  func isTooShortFor(_ head: Fingerprint) async throws -> Bool {
    try await look().map { $0.head.count < head.byteCount } ?? false
  }

  /// Whether it has less content than that.
  func hasLess(than limit: UInt64) async throws -> Bool {
    try await look()?.content == .gzip ? isShorter(than: limit) : status.size < limit
  }

  /// Whether it is gzip, and has less content than that.
  func isShorter(than limit: UInt64) async throws -> Bool {
    guard try await look()?.content == .gzip else { return false }
    if knownSize < limit, markers[limit] == nil { try await readMarkers(before: [limit]) }
    return knownSize < limit && trouble == nil
  }

  /// Whether it is gzip, and all that it has is how another file begins, of which there is more.
  func isBeginning(of original: any ReadableFile, shorterThan limit: UInt64) async throws -> Bool {
    guard try await isShorter(than: limit), let gzip = gzip ?? open()?.file as? GzipFile else { return false }
    try await go(to: limit, in: gzip)
    self.gzip = gzip
    return reading(gzip) { (file) throws(SystemError) in
      try original.begins(with: file, size: file.status().size)
    } ?? false
  }

  /// Whether all that a checkpoint knows is in the file.
  ///
  /// - Parameter others: what it may be asked later: where that takes long it is found out in the same go.
  func fits(_ checkpoint: Checkpoint, others: [Checkpoint] = []) async throws -> Bool {
    guard try await hasHead(of: checkpoint), let glance else { return false }
    if glance.content == .text {
      return reading { (file) throws(SystemError) in try checkpoint.fits(file, size: file.status().size) } ?? false
    }
    if checkpoint.offset > 0, markers[checkpoint.offset] == nil {
      let alike = others.filter { $0.offset > 0 && isPrefix($0.head, of: glance.head) }
      try await readMarkers(before: [checkpoint.offset] + alike.map(\.offset))
    }
    return checkpoint.offset == 0 || markers[checkpoint.offset] == checkpoint.marker
  }

  /// Whether it begins with all that is in another one; nil where that cannot be seen.
  func begins(with other: RotatedFile) -> Bool? {
    reading { (file) throws(SystemError) in
      let (source, status) = try files.open(other.path)
      guard case .file(let copy) = source, status.identity == other.status.identity else { return nil }
      return try file.begins(with: copy, size: status.size)
    } ?? nil
  }

  /// Opens it for reading; nil where it cannot be, or is another file by now. What is open already, for another sink,
  /// is not opened again: there may be few descriptors.
  func open() -> RotatedCopy? {
    if let gzip {
      self.gzip = nil
      return RotatedCopy(path: path, file: gzip, status: status, size: knownSize)
    }
    return reading(opened) { (file) throws(SystemError) in
      let status = try file.status()
      opened = file
      guard FileContent(firstBytes: try file.bytes(at: 0, count: 16), name: path) == .gzip else {
        return RotatedCopy(path: path, file: file, status: status, size: status.size)
      }
      return RotatedCopy(path: path, file: try GzipFile(file, at: path), status: status, size: knownSize)
    }
  }

  private func look() async throws -> Glance? {
    if let glance { return glance }
    guard trouble == nil else { return nil }
    var gzip: GzipFile?
    glance = reading { (file) throws(SystemError) in
      let head = try file.bytes(at: 0, count: FileHead.byteLimit)
      var glance = Glance(content: FileContent(firstBytes: Array(head.prefix(16)), name: path), head: head)
      if glance.content == .gzip {
        let size = try file.status().size
        let last = try file.bytes(at: size - min(4, size), count: 4)
        glance.lastSize = last.reversed().reduce(0) { $0 << 8 | UInt32($1) }
        gzip = try GzipFile(file, at: path)
      }
      return glance
    }
    guard let gzip, let seen = glance else { return glance }
    glance = nil
    try await go(to: UInt64(FileHead.byteLimit), in: gzip)
    guard trouble == nil else { return nil }
    let head = reading(gzip) { (file) throws(SystemError) in
      knownSize = try file.status().size
      return try file.bytes(at: 0, count: FileHead.byteLimit)
    }
    glance = Glance(content: .gzip, head: head ?? [], lastSize: seen.lastSize)
    return glance
  }

  private func readMarkers(before offsets: [UInt64]) async throws {
    guard let gzip = gzip ?? open()?.file as? GzipFile else { return }
    for offset in Set(offsets).sorted() {
      try await go(to: offset, in: gzip)
      guard trouble == nil else { return }
      gzip.keepMarker(before: offset)
      let count = min(offset, UInt64(Fingerprint.markerByteLimit))
      let bytes = reading(gzip) { (file) throws(SystemError) in
        knownSize = try file.status().size
        return knownSize >= offset ? try file.bytes(at: offset - count, count: Int(count)) : []
      }
      markers[offset] = bytes.map { $0.withUnsafeBytes { Fingerprint.marker(before: $0) } } ?? Fingerprint.none
    }
    self.gzip = gzip
    switch gzip.ending {
    case .cutOff: trouble = "its compressed content is cut off"
    case .damaged(let reason): trouble = "its compressed content is damaged: \(reason)"
    case .whole, nil: break
    }
  }

  private func go(to offset: UInt64, in gzip: GzipFile) async throws {
    var isThere = false
    while !isThere {
      guard let step = reading(gzip, { (_) throws(SystemError) in try gzip.step(toward: offset) }) else { return }
      isThere = step
      if !isThere { try await pause() }
    }
  }

  /// Does something with the file, open; what goes wrong is a trouble, but that it is gone.
  private func reading<Value>(
    _ file: (any ReadableFile)? = nil, _ body: (any ReadableFile) throws(SystemError) -> Value
  ) -> Value? {
    do throws(SystemError) {
      if let file { return try body(file) }
      let (source, opened) = try files.open(path)
      guard case .file(let file) = source, opened.identity == status.identity else { return nil }
      return try body(file)
    } catch {
      if !error.isAbsence { trouble = error.description }
      return nil
    }
  }
}
