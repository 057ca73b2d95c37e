import DequeModule

/// Which files are opened now, and which wait for their turn: of the files that have the same pipelines, so many at
/// once. Ten thousand routines that open files take a hundred megabytes; and as those of the same pipelines wait for
/// the same sinks, none is held up by a sink that is not its own.
struct Openings {
  private struct Line {
    var openCount = 0
    var waiting = Deque<FollowedFile>()
  }

  private let limit: Int
  /// By the numbers of the pipelines.
  private var lines: [[Int]: Line] = [:]

  /// - Parameter limit: how many files of the same pipelines are opened at once.
  init(limit: Int = 256) { self.limit = limit }

  /// - Returns: whether the file is opened now; else ``next(after:)`` gives it when it is its turn.
  mutating func admit(_ file: FollowedFile) -> Bool {
    let key = Self.line(of: file)
    var line = lines.removeValue(forKey: key) ?? Line()
    defer { lines[key] = line }
    guard line.openCount < limit else {
      line.waiting.append(file)
      return false
    }
    line.openCount += 1
    return true
  }

  /// Notes that a file that was admitted is open, or failed to open.
  ///
  /// - Returns: one that is admitted instead.
  mutating func next(after file: FollowedFile) -> FollowedFile? {
    let key = Self.line(of: file)
    guard var line = lines.removeValue(forKey: key) else { return nil }
    let next = line.waiting.popFirst()
    if next == nil { line.openCount -= 1 }
    if line.openCount > 0 { lines[key] = line }
    return next
  }

  private static func line(of file: FollowedFile) -> [Int] { file.firstStarts.map(\.pipeline) }
}
