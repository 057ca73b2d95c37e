import SystemPackage

/// A line that was written to a followed file, and what has become of its bytes.
struct WrittenLine {
  /// Unique in its world.
  let number: Int
  /// Without its terminator.
  let text: String
  /// The followed path under which it was written.
  let path: FilePath
  /// Of its first byte in the file that it was written to.
  let offset: Int
  /// Behind its terminator.
  let end: Int
  /// The file that it was written to, by its serial number.
  let file: Int
  /// How often that file had been emptied.
  let generation: Int
  /// Which filters select it.
  let isKept: Bool
  /// Files that have its bytes, itself and copies.
  var homes: Set<Int>
  /// Why it need not be stored.
  var excuse: Excuse?
  /// Whether it may be stored twice: a copy of its file cannot be told from a file of its own.
  var mayRepeat = false
  /// By which names the file was opened that had its bytes last, before they were gone: one that was rotated away
  /// before is known by what it was named then.
  var openedNames: Set<FilePath> = []
  /// Whether no more was read of that file than a banner, with which the next one begins too.
  var isBehindBanner = false
  /// When its bytes were gone, in virtual time.
  var lostAt: Duration?

  enum Excuse {
    /// Its bytes are gone, and the agent had seen that they were there: then a gap says so.
    case lost
    /// Its bytes were gone just before the agent was killed: then there is some gap of that path.
    case unrecorded
    /// Its bytes are gone, and no life of the agent could know of them.
    case unseen
  }
}
