import SystemPackage

/// The followed files that are open, and which of them is closed when there are too many.
///
/// Owner: the scheduler's thread, which alone calls it; so it needs no lock.
final class OpenFiles: @unchecked Sendable {
  /// What is left of the process's descriptors for others, at most: a database takes four, and beside them are the
  /// waits for events and signals, outputs, folders and copies that are looked into for a moment.
  static let reserveLimit = 1024
  /// What those take at the least.
  static let smallestReserve = 24
  /// With fewer, each read would open its file anew.
  static let smallestShare = 4
  /// How many are asked before it is given up: none of them may be closed.
  private static let triesLimit = 64

  /// How many followed files are open at once.
  let limit: Int
  /// Where a file that is opened again is watched again: its inode may be another's by now. nil: nothing is watched.
  var watches: Watches?
  /// Those of which all was read.
  private var resting = UseOrder<Member>()
  private var busy = UseOrder<Member>()
  private var closed: [FileIdentity: [Member]] = [:]

  /// Known by what it is: of a file that is on its way out nothing else may be asked.
  struct Member {
    let id: ObjectIdentifier
    unowned let file: ClosableFile

    init(_ file: ClosableFile) {
      id = ObjectIdentifier(file)
      self.file = file
    }
  }

  /// - Parameter openLimit: of the process.
  init(openLimit: Int) { limit = Self.share(of: openLimit) }

  /// A quarter is left for others, within bounds.
  static func share(of openLimit: Int) -> Int {
    max(smallestShare, openLimit - max(smallestReserve, min(openLimit / 4, reserveLimit)))
  }

  var count: Int { resting.count + busy.count }

  // MARK: What files tell

  /// It is open, or was used.
  ///
  /// - Returns: its place from now on.
  func use(_ file: ClosableFile, isResting: Bool) -> ClosableFile.Place {
    leave(file)
    let member = Member(file)
    return isResting ? .resting(resting.append(member)) : .busy(busy.append(member))
  }

  /// It is gone, or about to be open.
  func leave(_ file: ClosableFile) {
    switch file.place {
    case .resting(let place): resting.remove(place)
    case .busy(let place): busy.remove(place)
    case .closed:
      closed[file.identity]?.removeAll { $0.id == ObjectIdentifier(file) }
      if closed[file.identity]?.isEmpty == true { closed[file.identity] = nil }
    case .none: break
    }
  }

  func noteClosed(_ file: ClosableFile) {
    leave(file)
    closed[file.identity, default: []].append(Member(file))
  }

  // MARK: Room

  /// Closes files until one more may be open.
  func makeRoom() { while count >= limit, closeOne() {} }

  /// Closes the file that was used least recently: one of which all was read, if there is one; of the others the names
  /// may be gone when they are opened again.
  ///
  /// - Returns: false where none can be closed.
  func closeOne() -> Bool { closeOldest(\.resting, .max) || closeOldest(\.busy, Self.triesLimit) }

  private func closeOldest(_ row: ReferenceWritableKeyPath<OpenFiles, UseOrder<Member>>, _ tries: Int) -> Bool {
    for _ in 0..<min(tries, self[keyPath: row].count) {
      guard let place = self[keyPath: row].oldest else { return false }
      let file = self[keyPath: row][place].file
      if file.close() { return true }
      file.use()  // at the end of its row: the next one is asked
    }
    return false
  }

  // MARK: What the kernel tells

  /// Something was written to it.
  func noteWritten(_ identity: FileIdentity) { for member in closed[identity] ?? [] { member.file.noteWritten() } }

  /// Its inode is no more.
  func noteGone(_ identity: FileIdentity) { for member in closed[identity] ?? [] { member.file.noteGone() } }
}
