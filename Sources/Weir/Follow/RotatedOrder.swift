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

  /// Two files alone may be a late writer's; of more, most have to say so.
  private static func countsUp(_ places: [RotatedPlace]) -> Bool {
    guard places.count > 2 else { return false }
    let ordered = places.sorted { $0.name!.number! < $1.name!.number! }
    var balance = 0
    for (lower, higher) in zip(ordered, ordered.dropFirst()) {
      let (time, later) = (lower.status.modifiedAt.components.seconds, higher.status.modifiedAt.components.seconds)
      balance += time < later ? 1 : time > later ? -1 : 0
    }
    return balance > 0
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
