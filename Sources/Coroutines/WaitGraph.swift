extension RoutineCore {
  /// The routines without which this one does not go on: those it is parked for, and the one that it runs on top of
  /// itself.
  private var successors: [RoutineCore] {
    waitsFor + scheduler.turn.handOvers.receivers(on: task)
  }

  /// The way from `target` back to this routine along who waits for whom, as names; nil where there is none.
  ///
  /// If this routine now waited for `target`, all on that way would wait for ever.
  func cycle(through target: RoutineCore) -> [String]? {
    var ways: [[RoutineCore]] = [[self, target]]
    var seen: Set<ObjectIdentifier> = [ObjectIdentifier(target)]
    while let way = ways.popLast() {
      if way.last === self { return way.map(\.name) }
      for next in way.last!.successors where next === self || seen.insert(ObjectIdentifier(next)).inserted {
        ways.append(way + [next])
      }
    }
    return nil
  }
}
