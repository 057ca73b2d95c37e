import SystemPackage

/// The checkpoints of a pipeline's sinks, former ones too, by the paths that they are of, and by what a rotation makes
/// of these.
struct KnownPaths {
  private struct Place {
    let path: FilePath
    let name: String
    let stem: String
    var checkpoints: [(sink: Int, checkpoint: Checkpoint)]
  }

  /// By their folders.
  private var places: [FilePath: [Place]] = [:]

  init(_ known: KnownPositions) {
    let former = known.formerCheckpoints.map { $0.map(\.checkpoint) }
    let all = (Array(known.sinkCheckpoints.enumerated()) + Array(former.enumerated())).flatMap { sink, checkpoints in
      checkpoints.map { (sink: sink, checkpoint: $0) }
    }
    for (path, checkpoints) in Dictionary(grouping: all, by: \.checkpoint.path) {
      let place = Place(
        path: path, name: path.lastComponent?.string ?? "", stem: path.stem ?? "", checkpoints: checkpoints)
      places[path.removingLastComponent(), default: []].append(place)
    }
  }

  /// Whether a file of that name may be a copy that a rotation made of one that is known.
  func hasOriginal(_ path: FilePath) -> Bool {
    let name = path.lastComponent?.string ?? ""
    return places[path.removingLastComponent()]?.contains { place in
      name.hasPrefix(place.stem) && RotatedName(path, of: place.path) != nil
    } == true
  }

  /// Checkpoints of files at `path`, of copies that a rotation made of them, and of what it made this one of: the
  /// latter two where they are in the same folder, and followed by their own names.
  ///
  /// - Parameter sink: nil: of all.
  func checkpoints(around path: FilePath, of sink: Int? = nil) -> [Checkpoint] {
    let (name, stem) = (path.lastComponent?.string ?? "", path.stem ?? "")
    var found: [Checkpoint] = []
    for place in places[path.removingLastComponent()] ?? [] {
      // The cheapest test first: of thousands of files each is asked for.
      let isRelated =
        place.name == name || place.name.hasPrefix(stem) && RotatedName(place.path, of: path) != nil
        || name.hasPrefix(place.stem) && RotatedName(path, of: place.path) != nil
      guard isRelated else { continue }
      found += place.checkpoints.filter { sink == nil || $0.sink == sink }.map(\.checkpoint)
    }
    return found
  }
}
