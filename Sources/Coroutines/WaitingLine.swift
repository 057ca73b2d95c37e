import DequeModule

/// Those who wait for their turn, each with what it brings, first come first served.
///
/// One who withdraws has its answer and stays as a gap until the line comes to it, or gaps are half of the line: so
/// to withdraw costs the same however long the line is.
@usableFromInline struct WaitingLine<Item, Answer: Sendable> {
  @usableFromInline typealias Place = (item: Item, waiter: Waiter<Answer>)

  /// As few gaps as this are not worth a search.
  private static var gapsLeftAlone: Int { 32 }

  @usableFromInline var places = Deque<Place>()
  @usableFromInline var gapCount = 0

  @usableFromInline init() {}

  @inlinable var isEmpty: Bool { places.count == gapCount }

  @inlinable mutating func append(_ item: Item, _ waiter: Waiter<Answer>) { places.append((item, waiter)) }

  @inlinable mutating func popFirst() -> Place? {
    while let place = places.popFirst() {
      if !place.waiter.isAnswered { return place }
      gapCount -= 1
    }
    return nil
  }

  /// Who is the next.
  @usableFromInline mutating func first() -> Place? {
    while let place = places.first, place.waiter.isAnswered {
      places.removeFirst()
      gapCount -= 1
    }
    return places.first
  }

  /// Takes out those that `decide` takes, in their order; it is not asked of what is behind one at which it stops.
  mutating func take(atMost maxCount: Int, _ decide: (Item) -> Decision) -> [Place] {
    var taken: [Int] = []
    search: for (index, place) in places.enumerated() where !place.waiter.isAnswered {
      if taken.count == maxCount { break }
      switch decide(place.item) {
      case .take: taken.append(index)
      case .pass: break
      case .stop: break search
      }
    }
    let found = taken.map { places[$0] }
    for index in taken.reversed() { places.remove(at: index) }
    return found
  }

  /// What becomes of one in the line.
  enum Decision { case take, pass, stop }

  /// One of those in the line has withdrawn, and has its answer.
  @usableFromInline mutating func noteGap() {
    gapCount += 1
    guard gapCount > Self.gapsLeftAlone, gapCount > places.count / 2 else { return }
    places.removeAll { $0.waiter.isAnswered }
    gapCount = 0
  }
}
