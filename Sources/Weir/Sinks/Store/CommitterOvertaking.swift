import Coroutines
import SystemPackage

/// What quiet files have goes before what is held of busy ones.
extension Committer {
  /// What is stored in the order in which it is delivered: the lines of a log, whatever file that is.
  private struct Lane: Hashable {
    let pipeline: String
    let path: FilePath

    init(_ place: Place, _ moved: Moved) {
      pipeline = place.pipeline
      path = moved.origin.path
    }
  }

  /// Commits at once what quiet files have, where others are held or being committed.
  ///
  /// - Returns: the rest.
  func withoutOvertaking(_ deliveries: [Delivery]) async throws -> [Delivery] {
    guard deliveries.contains(where: Self.mayOvertake) else { return deliveries }
    let underWay = writer.map { $0.result == nil ? $0.moved : [:] } ?? [:]
    guard !held.isEmpty || underWay.values.contains(where: \.hasLines) else { return deliveries }
    // Nobody but the writer commits what it has: it may try again after the others.
    var busy = Set(underWay.map { Lane($0.key, $0.value) })
    for (place, moved) in pending where moved.hasLines { busy.insert(Lane(place, moved)) }
    var (own, taken, rest) = (held.another(), [Place: Moved](), [Delivery]())
    for delivery in deliveries {
      guard let checkpoint = delivery.batch.checkpoint else {
        rest.append(delivery)
        continue
      }
      let place = Place(pipeline: delivery.pipeline.name, identity: checkpoint.identity)
      let moved = Moved(checkpoint: checkpoint, origin: delivery.batch.origin, hasLines: true)
      let isOtherPending = pending[place].map { $0.origin !== moved.origin } ?? false
      if busy.insert(Lane(place, moved)).inserted, !isOtherPending, Self.mayOvertake(delivery) {
        own.add(delivery)
        taken[place] = moved
      } else {
        rest.append(delivery)
      }
    }
    if !taken.isEmpty {
      let isShort = own.isShort && taken.count <= Promptness.rows
      try await overtake(with: own.take(), taken, isShort)
    }
    return rest
  }

  /// Whether it is all that a file has, with lines among it.
  private static func mayOvertake(_ delivery: Delivery) -> Bool {
    !delivery.batch.hasMore && !delivery.selection.lines.isEmpty && delivery.batch.checkpoint != nil
  }

  private func overtake(with content: Held.Content, _ taken: [Place: Moved], _ isShort: Bool) async throws {
    for (place, moved) in taken {
      pending[place] = nil
      committed[place] = moved.checkpoint
    }
    let commit = Commit(content: content, moved: taken, sink: sink, isEager: true)
    if isShort, await isDone(atOnce: commit) { return }
    noteHaste()
    let note = receiver?.note
    try await retry.run {
      if let outcome = try await commit.run(in: store) { await note?(outcome) }
    }
  }
}
