/// What goes wrong with the machine of a world, beside the ends of the agent. All of it is over before the world rests.
enum Fault: String, CaseIterable {
  /// Reads of files fail: EIO, a few times in a row.
  case reads
  /// Files, or their folder, may not be read: EACCES.
  case rights
  /// Few files may be open: EMFILE.
  case descriptors
  /// A network file system, on which others write: no events, or not all of them.
  case network
  /// The kernel watches no more: ENOSPC, or EMFILE where it is asked to tell of changes at all.
  case watches
  /// The disk of the databases is full, or another writer holds them.
  case database
  /// A read is several calls, of which each gives a part, and others act between them. A signal that interrupts one
  /// (EINTR) is that: the layer that the simulation replaces has gone on before anyone above it knows.
  case pieces
  /// The wall clock is set forward and back.
  case clock
  /// A folder or a FIFO is where a log was, for a while.
  case places
  /// What is asked for changes with each reload.
  case config

  /// Of four worlds three have none, and of the others most have one.
  static func draw(_ random: inout Random) -> [Fault] {
    guard random.once(in: 4) else { return [] }
    let first = random.pick(allCases)
    let second = random.pick(allCases)
    return random.once(in: 3) && second != first ? [first, second] : [first]
  }

  /// Whether the agent says that at level error for it, and has to.
  func isExpected(_ complaint: String) -> Bool {
    switch self {
    // A stop does not wait for a disk to be mended.
    case .database: complaint.hasPrefix("a sink did not take what was read within 10 s")
    default: false
    }
  }
}
