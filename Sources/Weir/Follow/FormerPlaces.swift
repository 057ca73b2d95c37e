import Coroutines
import DequeModule
import SystemPackage

/// Where files stood whose life is over, for one whose life begins again: a link that turns back to an old file, a file
/// that is moved back. What the agent's start knew of them is outdated.
struct FormerPlaces {
  /// How many files are remembered, those that ended last; an older one is read as if unseen.
  static let fileLimit = 1000

  /// For each file, for each pipeline that read it, how far.
  private var places: [FileIdentity: [Int: Checkpoint]] = [:]
  /// For each file that was deleted, who had read it: what has its inode number since is another.
  private var gone: [FileIdentity: Set<Int>] = [:]
  /// The one that ended first stands first.
  private var order = Deque<FileIdentity>()
  /// All that was read, the first that ended first, be it deleted or another since.
  private var ended = Deque<(place: Checkpoint, pipelines: Set<Int>)>()

  /// How far a pipeline has read that file; whoever uses it has to see whether it is for what is in the file now.
  ///
  /// - Parameter writtenAt: when what has that identity was last written to: where it was gone for a while, and few
  ///   bytes of it are known, another that has them too is told by that.
  func place(of identity: FileIdentity, pipeline: Int, writtenAt: Duration? = nil) -> Checkpoint? {
    guard let place = places[identity]?[pipeline] else { return nil }
    guard isGone(identity, for: pipeline), place.marker.byteCount < Fingerprint.markerByteLimit, let writtenAt else {
      return place
    }
    return writtenAt.wholeMilliseconds <= place.readAtMilliseconds ? place : nil
  }

  /// Whether what a pipeline knew of that file at its start is of one that was deleted since.
  func isGone(_ identity: FileIdentity, for pipeline: Int) -> Bool { gone[identity]?.contains(pipeline) == true }

  /// What is known for a pipeline is known for another one.
  mutating func rename(_ old: Int, to new: Int) {
    for (identity, known) in places { places[identity]?[new] = known[old] }
    for index in ended.indices where ended[index].pipelines.contains(old) { ended[index].pipelines.insert(new) }
  }

  /// Takes down that these pipelines have read a file up to `place`.
  mutating func note(_ place: Checkpoint, pipelines: some Sequence<Int>) {
    remember(place.identity)
    for pipeline in pipelines { places[place.identity, default: [:]][pipeline] = place }
  }

  /// Takes down that a file is deleted that these pipelines have read.
  mutating func noteGone(_ identity: FileIdentity, pipelines: some Sequence<Int>) {
    remember(identity)
    places[identity] = nil
    gone[identity, default: []].formUnion(pipelines)
  }

  /// Takes down where these pipelines were in contents that are over.
  mutating func note(ended places: [Checkpoint], pipelines: some Sequence<Int>) {
    for place in places where place.offset > 0 { ended.append((place, Set(pipelines))) }
    while ended.count > Self.fileLimit { ended.removeFirst() }
  }

  /// Where a pipeline was in what is over and was at a path.
  func ended(at path: FilePath, for pipeline: Int) -> [Checkpoint] {
    ended.filter { $0.place.path == path && $0.pipelines.contains(pipeline) }.map(\.place)
  }

  /// Where others were in what is over, and was at paths that a rotation makes of this one.
  func ended(rotatedFrom path: FilePath) -> [Checkpoint] {
    ended.map(\.place).filter { RotatedName($0.path, of: path) != nil }
  }

  private mutating func remember(_ identity: FileIdentity) {
    if places[identity] != nil || gone[identity] != nil { order.removeAll { $0 == identity } }
    order.append(identity)
    guard order.count > Self.fileLimit, let oldest = order.popFirst() else { return }
    places[oldest] = nil
    gone[oldest] = nil
  }
}
