/// In which order files were rotated away from one path.
///
/// Their names say so, where a rotation numbered or dated them: a file may be written to long after, by a program that
/// keeps it open. Else the times of their last writes do.
struct RotatedOrder {
  /// Shapes of names whose numbers grow with each rotation, as some programs count their own logs; logrotate's newest
  /// has the lowest.
  private var shapesCountedUp: Set<String> = []

  /// - Parameter places: all that may have been at that path.
  init(of places: [RotatedPlace]) {
    let numbered = Dictionary(grouping: places.filter { $0.name?.number != nil }, by: { $0.name!.shape })
    for (shape, places) in numbered where Self.countsUp(places) { shapesCountedUp.insert(shape) }
  }

  /// Late writers make an older file seem newer: at least three files have to say so, and far more than say otherwise.
  /// What is empty says nothing.
  private static func countsUp(_ places: [RotatedPlace]) -> Bool {
    let ordered = places.filter { $0.status.size > 0 }.sorted { $0.name!.number! < $1.name!.number! }
    var (upCount, downCount) = (0, 0)
    for (lower, higher) in zip(ordered, ordered.dropFirst()) {
      let (time, later) = (lower.status.modifiedAt.components.seconds, higher.status.modifiedAt.components.seconds)
      if time < later { upCount += 1 }
      if time > later { downCount += 1 }
    }
    return upCount >= 2 && upCount > 3 * downCount
  }

  /// Whether `place` was rotated away before the other.
  func isOlder(_ place: RotatedPlace, than other: RotatedPlace) -> Bool {
    guard let name = place.name, let otherName = other.name, name.shape == otherName.shape else {
      return place.isOlder(than: other)
    }
    if let number = name.number, let other = otherName.number {
      return shapesCountedUp.contains(name.shape) ? number < other : number > other
    }
    guard name.isDated, otherName.isDated, name != otherName else { return place.isOlder(than: other) }
    return otherName.isLater(than: name)
  }
}
