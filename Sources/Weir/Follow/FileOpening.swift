import Coroutines
import SystemPackage

/// A file that was just opened, before anybody reads it.
struct FileOpening {
  let file: any ReadableFile
  let status: FileStatus
  let origin: Origin
  let clock: any TimeSource
  /// The file that this one is a copy of, whose checkpoints hold for it too.
  var originalIdentity: FileIdentity?
  /// Whether it was rotated away before it was opened, and others after it, maybe, of which nothing is known: those are
  /// told by the time, from when it was last written to.
  var isRotated = false

  /// The furthest of these checkpoints that is for this file, and one that is for another content of it, or of what it
  /// is a copy of.
  func place(in checkpoints: [Checkpoint]) throws(SystemError) -> (furthest: Checkpoint?, outdated: Checkpoint?) {
    var furthest: Checkpoint?
    var outdated: Checkpoint?
    for checkpoint in checkpoints {
      let isKnown = checkpoint.identity == status.identity || checkpoint.identity == originalIdentity
      guard isKnown || checkpoint.mayBeOf(status) else { continue }
      if checkpoint.mayHave(name: origin.path), try checkpoint.fits(file, size: status.size) {
        if checkpoint.offset >= furthest?.offset ?? 0 { furthest = checkpoint }
      } else if isKnown, outdated == nil || checkpoint.identity == originalIdentity {
        outdated = checkpoint
      }
    }
    return (furthest, outdated)
  }

  /// Where a sink starts, and the marker there as its checkpoint has it; or else the checkpoint that was for another
  /// content.
  struct Place {
    var offset: UInt64?
    var marker: Fingerprint?
    var outdated: Checkpoint?
  }

  /// For each sink, by its checkpoints.
  func places(in checkpoints: [[Checkpoint]]) throws(SystemError) -> [Place] {
    var places: [(furthest: Checkpoint?, outdated: Checkpoint?)] = []
    for known in checkpoints { places.append(try place(in: known)) }
    let readAt = places.compactMap(\.furthest?.readAtMilliseconds).max()
    return places.map { place in
      if let furthest = place.furthest { return Place(offset: furthest.offset, marker: furthest.marker) }
      guard let outdated = place.outdated else { return Place() }
      // A sink that is further than the others who know this copy has taken all of it, and what came after it. What has
      // the inode that the original had is no copy: it has come after that.
      let isAhead =
        readAt.map { readAt in
          originalIdentity == outdated.identity && outdated.identity.inode != status.identity.inode
            && outdated.readAtMilliseconds >= readAt
        } ?? false
      return isAhead ? Place(offset: status.size) : Place(outdated: outdated)
    }
  }

  /// Where the last `count` lines begin, as ``ReadableFile/startOfLastLines(_:size:)``.
  func startOfLastLines(_ count: Int) throws(SystemError) -> UInt64 {
    if let known = (file as? GzipFile)?.startOfLastLines(count) { return known }
    return try file.startOfLastLines(count, size: status.size)
  }

  /// The name that this file was first found by, if one of these checkpoints is for it.
  func firstPath(in checkpoints: some Sequence<Checkpoint>) throws(SystemError) -> FilePath? {
    for checkpoint in checkpoints where checkpoint.mayBeOf(status) && checkpoint.mayHave(name: origin.path) {
      if try checkpoint.fits(file, size: status.size) { return checkpoint.path }
    }
    return nil
  }

  /// The empty batch at which a sink starts.
  ///
  /// - Parameter marker: of what was seen to be before that; another content may be there by now.
  func start(at offset: UInt64, marker: Fingerprint? = nil, ending: Batch.Ending? = nil) throws(SystemError) -> Batch {
    let isWhole = marker?.byteCount == Int(min(offset, UInt64(Fingerprint.markerByteLimit)))
    let marker = isWhole ? marker! : try lead(before: offset).withUnsafeBytes { Fingerprint.marker(before: $0) }
    // Of more than lies before it: a file of which nothing was read yet is known again by how it begins.
    let head = try head(upTo: UInt64(FileHead.byteLimit)).fingerprint
    let time = isRotated && offset == 0 ? min(status.modifiedAt, clock.wall) : clock.wall
    return .start(in: origin, at: offset, head: head, marker: marker, at: time, ending: ending)
  }

  /// Whether a line begins at `offset`.
  func isLineStart(_ offset: UInt64) throws(SystemError) -> Bool { try lead(before: offset).last ?? 0x0a == 0x0a }

  /// A reader that begins at `offset`.
  func reader(from offset: UInt64, maxLineBytes: Int) throws(SystemError) -> LineReader {
    LineReader(
      origin: origin, offset: offset, lead: try lead(before: offset), head: try head(upTo: offset),
      maxLineBytes: maxLineBytes)
  }

  private func lead(before offset: UInt64) throws(SystemError) -> [UInt8] {
    let count = min(offset, UInt64(Fingerprint.markerByteLimit))
    return try file.bytes(at: offset - count, count: Int(count))
  }

  private func head(upTo offset: UInt64) throws(SystemError) -> FileHead {
    var head = FileHead()
    let bytes = try file.bytes(at: 0, count: Int(min(offset, UInt64(FileHead.byteLimit))))
    bytes.withUnsafeBytes { head.extend(with: $0, at: 0) }
    return head
  }
}
