import SystemPackage

@testable import Weir

/// Knows each line that was ever written and where its bytes are; judges what was stored.
final class Oracle {
  private(set) var lines: [WrittenLine] = []
  /// Every file that was made, in order, and where.
  private(set) var files: [(node: Node, path: FilePath)] = []
  private var copies: [Int: Node] = [:]
  /// Those of them, since a life of the agent began, that have less than was read of their originals, and whether it
  /// was there when that was truncated.
  private var shortCopies: [(copy: Node, wasSeen: Bool)] = []
  /// Files that were compressed, by their serial numbers.
  private var compressed: Set<Int> = []
  /// Compressed ones of files that begin alike, and of how many of their bytes.
  private var compressions: [(copy: Node, original: Node, byteCount: Int)] = []
  /// Lines by the file that has their bytes.
  private var linesOfFile: [Int: [Int]] = [:]
  /// Lines whose pieces came into different files: what is delivered of them is not judged.
  private(set) var torn: [String] = []
  /// How what is gone began, as far as a life of the agent had read it, since the present one began.
  private var goneBeginnings: [GoneBeginning] = []
  /// The same of what went before that.
  private var knownBeginnings: Set<GoneBeginning> = []
  /// Lines that came in pieces: one that waits for its end too long, or is copied before, is given out in parts.
  private(set) var pieced: [String] = []
  /// Whether someone is there to see that bytes go. What goes meanwhile is said as far as a checkpoint knows of it.
  var isAgentUp: () -> Bool = { false }
  /// Whether it cannot look into the folder of the logs.
  var isFolderClosed: () -> Bool = { false }
  /// Whether it closes files that it has not read, for want of descriptors.
  var hasFewDescriptors = false
  private let trace: Trace

  private struct GoneBeginning: Hashable {
    let path: FilePath
    let bytes: ArraySlice<UInt8>
  }

  init(trace: Trace) { self.trace = trace }

  func note(_ text: String, path: FilePath, in node: Node, at range: Range<Int>, isKept: Bool) {
    let line = WrittenLine(
      number: lines.count, text: text, path: path, offset: range.lowerBound, end: range.upperBound, file: node.serial,
      generation: node.generation,
      isKept: isKept, homes: [node.serial])
    linesOfFile[node.serial, default: []].append(line.number)
    lines.append(line)
  }

  func noteFile(_ node: Node, at path: FilePath) { files.append((node, path)) }

  func notePieces(of text: String) { pieced.append(text) }

  func noteTorn(_ text: String) { torn.append(text) }

  /// `copy` has the first bytes of `original` now.
  func noteCopy(of original: Node, _ copy: Node, byteCount: Int) {
    // That it was there could be seen, but not what was made of it.
    if copy.isCompressed, isFolderClosed() { original.wasOpened = false }
    copies[copy.serial] = copy
    for number in linesOfFile[original.serial] ?? [] where lines[number].homes.contains(original.serial) {
      guard lines[number].end <= byteCount else { continue }
      lines[number].homes.insert(copy.serial)
      linesOfFile[copy.serial, default: []].append(number)
    }
  }

  /// Nobody can look into the folder for a while: what was never opened, and is rotated away meanwhile, is not known.
  func noteFolderClosed() {
    for file in files where !file.node.wasOpened { file.node.isFindable = false }
  }

  /// A life of the agent begins: it can find files that came after one that was known, and is still there.
  ///
  /// - Parameter isFolderClosed: whether it cannot look for any; later it does not know that there may be some.
  func noteStart(isFolderClosed: Bool = false) {
    knownBeginnings.formUnion(goneBeginnings)
    goneBeginnings = []
    if isFolderClosed { return }
    for (path, files) in Dictionary(grouping: files, by: \.path).sorted(by: { $0.key.string < $1.key.string }) {
      guard let first = files.firstIndex(where: { $0.node.wasOpened && $0.node.linkCount > 0 }) else { continue }
      for file in files[first...] where file.node.linkCount > 0 { file.node.isFindable = true }
      trace.note("findable at \(path): \(files[first...].filter(\.node.isFindable).map(\.node.serial))")
    }
  }

  /// What nobody could find needs not be stored: files that were rotated away before anyone looked.
  func excuseUnfindable(followed: [FilePath: Node]) {
    let findable = Set(
      files.filter { followed[$0.path] === $0.node || isKnown($0.node) }.map(\.node.serial))
    for number in lines.indices where !findable.contains(lines[number].file) && lines[number].excuse == nil {
      lines[number].excuse = .unseen
    }
  }

  /// A life that looks for a file that was rotated away, and may not read it, gives it up, and has to say so: that it
  /// may be read later, nobody tells it.
  func excuseDenied() {
    let denied = Set(files.filter { file in file.node.deniedNames.contains { $0 != file.path } }.map(\.node.serial))
    for number in lines.indices where denied.contains(lines[number].file) && lines[number].excuse == nil {
      guard lines[number].homes.contains(lines[number].file) else { continue }
      lines[number].excuse = .lost
      lines[number].lostAt = trace.now()
    }
  }

  /// Of what could not be opened or read before it was rotated away nothing is known by which it could be found.
  private func isKnown(_ node: Node) -> Bool {
    (node.wasOpened || node.isFindable) && (node.wasRead || !node.wasDenied) && !seemsOlder(node)
  }

  /// Whether a file was rotated away before anyone looked, and all that is known of its path is gone, and was written
  /// to later by a clock that was set back since: that it came after that nobody can tell.
  private func seemsOlder(_ node: Node) -> Bool {
    guard let index = files.firstIndex(where: { $0.node === node }) else { return false }
    let path = files[index].path
    if node.openedNames.contains(path) { return false }
    let known = files[..<index].filter { $0.path == path && $0.node.openedNames.contains(path) }.map(\.node)
    return known.allSatisfy { $0.linkCount == 0 } && known.contains { $0.modifiedAt > node.modifiedAt }
  }

  /// The agent was stopped at that time: of what it opened after that it took down nothing, and its next life finds it
  /// by what came before it alone.
  func forgetOpenedInPlace(since time: Duration) {
    for file in files where file.node.openedAt.map({ $0 >= time }) == true { file.node.openedNames = [] }
  }

  /// A file is where it was again, after something else was there: to an agent that has closed it, it is one that came.
  func noteReturn(of node: Node) {
    guard node.agentOpenCount == 0 else { return }
    node.wasOpened = false
    node.openedAt = nil
    node.isFindable = false
  }

  /// A file was copied and truncated of which so little was read, or is in the copy, that this cannot be told from
  /// another file, nor whether the next generation began as it does.
  func allowRepeats(of node: Node) {
    for number in lines.indices where lines[number].file == node.serial && lines[number].homes != [node.serial] {
      if lines[number].generation == node.generation { lines[number].mayRepeat = true }
    }
  }

  /// A life of the agent ends that could not see copies: of files that were truncated since, no checkpoint is left.
  func allowRepeatsOfUnseenCopies() {
    for number in lines.indices
    where lines[number].homes.contains(where: { copies[$0].map { !$0.wasOpened } ?? false }) {
      lines[number].mayRepeat = true
    }
  }

  /// `original` is truncated: a copy may have less than was read of it.
  func noteTruncation(of original: Node, copiedTo copy: Node) {
    if copy.bytes.count < original.readByteCount { shortCopies.append((copy, isAgentUp())) }
  }

  /// `original` is deleted: what it was compressed to may have less than was read of it. Where files begin with the
  /// same kilobyte, it may as well be of another that is not read yet.
  func noteCompression(of original: Node, to copy: Node, byteCount: Int) {
    compressed.insert(original.serial)
    if original.bannerByteCount >= 1024 { compressions.append((copy, original, byteCount)) }
  }

  /// A life of the agent begins. Checkpoints know by fingerprints what was read of a file, and not whether a copy has
  /// the beginning of that: only the life that read it could tell, once the original was truncated, and had not come to
  /// look at the copy.
  func allowRepeatsOfShortCopies() {
    let undecided = shortCopies.filter { !$0.wasSeen || $0.copy.readByteCount < $0.copy.bytes.count }
    var unread = Set(undecided.map(\.copy.serial))
    // An agent that has the original open may read on in it after that is deleted.
    unread.formUnion(compressions.filter { $0.byteCount < $0.original.mostReadByteCount }.map(\.copy.serial))
    (shortCopies, compressions) = ([], [])
    if unread.isEmpty { return }
    for number in lines.indices where !lines[number].homes.isDisjoint(with: unread) { lines[number].mayRepeat = true }
  }

  /// Lines of a file that stand only in copies which no one could know for copies need not be stored.
  func excuseCopies(of node: Node) {
    for number in lines.indices where lines[number].file == node.serial && lines[number].excuse == nil {
      if !lines[number].homes.contains(node.serial) { lines[number].excuse = .unseen }
    }
  }

  /// The agent is killed, or has closed its files as it was stopped: of what it saw in its last moments nobody knows
  /// after that. That a file is another, or gone, its next life sees, but not how often that happened; nor what was
  /// written to it after it was compressed; and where no more was read of it than a banner, with which the next begins
  /// too, nothing.
  ///
  /// - Parameter isMute: whether the database took nothing of all that: then nothing says so.
  func excuseLosses(since time: Duration, isMute: Bool = false) {
    let compressed = Set(lines.filter { line in line.homes.contains { $0 != line.file } }.map(\.file))
    for number in lines.indices where lines[number].excuse == .lost && lines[number].lostAt! >= time {
      let isUnknown = isMute || lines[number].isBehindBanner || compressed.contains(lines[number].file)
      lines[number].excuse = isUnknown ? .unseen : .unrecorded
    }
  }

  /// Nothing that the agent opened since then is known to its next life.
  func forgetOpened(since time: Duration) {
    forgetFirstOpened(since: time)
    for file in files {
      guard let openedAt = file.node.openedAt, openedAt >= time else { continue }
      file.node.wasOpened = false
      file.node.isFindable = false
      file.node.openedAt = nil
    }
  }

  /// Of a path of which the agent opened the first files since then its next life knows nothing: not that there may be
  /// others of that name, nor that there was anything to lose.
  func forgetFirstOpened(since time: Duration) {
    let known = Set(files.filter { $0.node.openedAt.map { $0 < time } == true }.map(\.path))
    for file in files where !known.contains(file.path) {
      guard let openedAt = file.node.openedAt, openedAt >= time else { continue }
      file.node.wasOpened = false
      file.node.openedAt = nil
      for number in lines.indices where lines[number].excuse == .unrecorded && lines[number].file == file.node.serial {
        lines[number].excuse = .unseen
      }
    }
  }

  /// Bytes of a file are gone.
  func noteLoss(of node: Node, _ range: Range<Int>) {
    // What was written to it after it was compressed, and deleted, nobody could read who had not opened it before.
    let wasCompressed = node.linkCount == 0 && compressed.contains(node.serial)
    // What was closed and deleted before anything of it was taken up may be given up, with a gap: by how it begins
    // alone no copy of it is sought.
    let isGivenUp =
      hasFewDescriptors && isAgentUp() && node.wasOpened && node.linkCount == 0
      && node.readByteCount <= FileHead.byteLimit
    var left: [Int] = []
    for number in linesOfFile[node.serial] ?? [] {
      let isHit = lines[number].offset < range.upperBound && lines[number].end > range.lowerBound
      guard isHit || node.isCompressed else {
        left.append(number)
        continue
      }
      lines[number].homes.remove(node.serial)
      if isGivenUp || lines[number].homes.isEmpty, lines[number].excuse == nil {
        // Where it was given up the next file may have its inode, and begin as it did.
        let isSeen =
          isAgentUp() && lines[number].end <= node.seenByteCount
          && (isGivenUp
            ? node.bannerByteCount == 0 && !(wasCompressed && lines[number].homes.isEmpty)
            : !wasCompressed && isTellable(lines[number], in: node))
        lines[number].excuse = isSeen ? .lost : .unseen
        lines[number].lostAt = trace.now()
        lines[number].openedNames = node.everOpenedNames
        lines[number].isBehindBanner = node.bannerByteCount > 0 && node.readByteCount <= node.bannerByteCount
        trace.note("line \(number) lost its last home\(isSeen ? "" : ", unseen")")
      }
    }
    linesOfFile[node.serial] = left
    if range.lowerBound == 0 {
      noteGoneBeginning(of: node)
      node.generation += 1
      node.readByteCount = 0
    }
    node.seenByteCount = min(node.seenByteCount, range.lowerBound)
  }

  private func noteGoneBeginning(of node: Node) {
    guard let path = files.last(where: { $0.node.serial == node.serial })?.path else { return }
    let count = min(node.readByteCount, Fingerprint.markerByteLimit)
    if count > 0 { goneBeginnings.append(GoneBeginning(path: path, bytes: node.bytes.prefix(count))) }
  }

  /// Whether a line may be stored without its first bytes: it is the first of its file, and a life of the agent took
  /// that for one of which an earlier life had read these very bytes, no more than a few, and which is gone since.
  func mayLack(_ count: Int, of line: WrittenLine) -> Bool {
    guard line.offset == 0, count > 0, count <= Fingerprint.markerByteLimit else { return false }
    let lacking = line.text.utf8.prefix(count)
    return knownBeginnings.contains { $0.path == line.path && $0.bytes.elementsEqual(lacking) }
  }

  /// Compressed files that begin with the same kilobyte cannot be told apart, where no more was read of what they were;
  /// and of one that was compressed before anybody had seen it, nobody knows whose it was.
  private func isTellable(_ line: WrittenLine, in node: Node) -> Bool {
    guard let original = files.last(where: { $0.node.serial == line.file })?.node else { return true }
    if seemsOlder(original) { return false }
    guard node.isCompressed else { return true }
    guard original.wasOpened || original.isFindable else { return false }
    return original.bannerByteCount == 0 || original.readByteCount > original.bannerByteCount
  }
}
