import SystemPackage

/// Where the checkpoints of a pipeline's sinks are, by inode number and by path: each file that is opened asks for its
/// own, of a hundred thousand that a month of rotations left.
struct KnownFiles: Sendable {
  /// A checkpoint's sink, and its place among those of that sink.
  private struct Place: Comparable {
    let key: UInt64
    let sink: Int32
    let index: Int32

    static func < (left: Place, right: Place) -> Bool {
      (left.key, left.sink, left.index) < (right.key, right.sink, right.index)
    }
  }

  private let checkpoints: [[Checkpoint]]
  /// In order; of paths the hash is the key.
  private let inodes: [Place]
  private let paths: [Place]

  init(_ checkpoints: [[Checkpoint]]) {
    self.checkpoints = checkpoints
    var (inodes, paths): ([Place], [Place]) = ([], [])
    for (sink, own) in checkpoints.enumerated() {
      for (index, checkpoint) in own.enumerated() {
        let (sink, index) = (Int32(sink), Int32(index))
        inodes.append(Place(key: checkpoint.identity.inode, sink: sink, index: index))
        paths.append(Place(key: Self.key(of: checkpoint.path), sink: sink, index: index))
      }
    }
    self.inodes = inodes.sorted()
    self.paths = paths.sorted()
  }

  /// For each sink those of files with one of these inode numbers, in their order.
  func checkpoints(withInodes wanted: Set<UInt64>) -> [[Checkpoint]] {
    var found = checkpoints.map { _ in [Checkpoint]() }
    var places = wanted.flatMap { Self.places(of: $0, in: inodes) }
    if wanted.count > 1 { places.sort { ($0.sink, $0.index) < ($1.sink, $1.index) } }
    for place in places { found[Int(place.sink)].append(checkpoints[Int(place.sink)][Int(place.index)]) }
    return found
  }

  /// Those of a sink that are of files at `path`.
  func checkpoints(of sink: Int, at path: FilePath) -> [Checkpoint] {
    Self.places(of: Self.key(of: path), in: paths).filter { $0.sink == sink }
      .map { checkpoints[sink][Int($0.index)] }.filter { $0.path == path }
  }

  private static func key(of path: FilePath) -> UInt64 { UInt64(bitPattern: Int64(path.hashValue)) }

  private static func places(of key: UInt64, in places: [Place]) -> ArraySlice<Place> {
    var (low, high) = (0, places.count)
    while low < high {
      let middle = (low + high) / 2
      if places[middle].key < key { low = middle + 1 } else { high = middle }
    }
    let end = places[low...].firstIndex { $0.key != key } ?? places.count
    return places[low..<end]
  }
}
