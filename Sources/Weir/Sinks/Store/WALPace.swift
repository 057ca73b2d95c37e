/// When the `-wal` of a database is moved to it.
///
/// Only a `-wal` that is moved whole is begun anew. So where a ``WALMover`` moves it beside the commits, what came
/// meanwhile is moved too, again and again, until little is left: that is moved between two commits. Where a reader
/// keeps pages from being moved, or the disk is slower than the store, it is tried again as more comes.
struct WALPace {
  /// How much is in the `-wal` when it is moved: so much that a busy store does so (two fsync) a few times a second at
  /// most.
  static let bytes = 16 << 20
  /// So much is moved between two commits; and so much has to come before another try.
  static let restBytes = 2 << 20
  /// Where short commits wait, it is moved when it has this part of ``bytes``: to finish with it takes the longer the
  /// more there was. With a quarter the slowest hundredth of them took 14 ms, with all 25, with four times that 67
  /// (`Tests/Benchmarks/run workloads W8`).
  static let hasteDivisor = 4
  /// All is moved between two commits, where the mover was too slow until there is so much.
  static let mostBytes = 256 << 20
  /// A small transaction has fewer pages.
  static let pagesOfShortOne = 64

  enum Step { case nothing, begin, finish }

  /// What is seen of a ``WALMover``.
  struct MoverSight {
    let isBusy: Bool
    let movedPages: Int
  }

  /// ``bytes`` in pages of this database; tests have fewer.
  var limit: Int
  private let rest: Int
  private let most: Int
  private var last = 0
  /// How many there were when the mover began, and when it was tried between two commits.
  private var begunAt: Int?
  private var triedAt: Int?

  init(pageBytes: Int) {
    let pageBytes = max(512, pageBytes)
    limit = Self.bytes / pageBytes
    rest = Self.restBytes / pageBytes
    most = Self.mostBytes / pageBytes
  }

  /// Notes how many pages there are after a commit.
  ///
  /// - Returns: whether the `-wal` was begun anew.
  mutating func note(pages: Int) -> Bool {
    defer { last = pages }
    if pages >= last { return false }
    (begunAt, triedAt) = (nil, nil)
    return true
  }

  /// Whether the mover was too slow.
  func isTooMuch(_ pages: Int) -> Bool { pages >= most }

  /// What to do after a commit, with which there are so many pages in the `-wal`.
  ///
  /// - Parameters:
  ///   - mover: nil where none is, and the store moves all itself.
  ///   - mayWait: whether it may finish now; else the next that may does.
  ///   - inHaste: whether short commits wait.
  mutating func step(at pages: Int, _ mover: MoverSight?, mayWait: Bool = true, inHaste: Bool = false) -> Step {
    guard pages >= (inHaste ? limit / Self.hasteDivisor : limit) else { return .nothing }
    guard let mover else { return mayWait ? .finish : .nothing }
    let isTooMuch = isTooMuch(pages)
    if mover.isBusy, !isTooMuch { return .nothing }
    if isTooMuch || pages - mover.movedPages <= rest {
      if let triedAt, pages < triedAt + rest { return .nothing }
      guard mayWait else { return .nothing }
      triedAt = pages
      return .finish
    }
    if let begunAt, pages < begunAt + rest { return .nothing }
    begunAt = pages
    return .begin
  }
}
