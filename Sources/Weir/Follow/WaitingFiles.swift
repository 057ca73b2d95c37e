import Coroutines

/// The files of which all was read and whose routines wait for more; so many at most, for a task that waits takes ten
/// kilobytes. Beyond that, the one that was read longest ago is dismissed: its routine ends, and another is begun when
/// its bell rings.
///
/// Owner: the scheduler's thread, which alone calls it; so it needs no lock.
final class WaitingFiles: @unchecked Sendable {
  /// Two thirds of a megabyte. Who is not among them has a routine and a ``Flow`` made anew, which costs by the number
  /// of its pipelines: for files that were quiet for as long as it takes that many others to be read.
  static let limit = 64

  /// Each at the place that it has in the row; nil once it is out of it.
  private final class Seat {
    let bell: Bell
    var place: Int?

    init(at bell: Bell) { self.bell = bell }
  }

  private var order = UseOrder<Seat>()

  /// How many wait.
  var count: Int { order.count }

  /// Waits at the bell of a file.
  ///
  /// - Returns: whether it was dismissed.
  /// - Throws: `CancellationError`.
  func wait(at bell: Bell) async throws -> Bool {
    while order.count >= Self.limit, let oldest = order.oldest {
      let seat = order[oldest]
      leave(seat)
      seat.bell.dismiss()  // in vain where it was rung, and its turn comes: then it leaves by itself
    }
    let seat = Seat(at: bell)
    seat.place = order.append(seat)
    defer { leave(seat) }
    return try await bell.wait() == .dismissal
  }

  private func leave(_ seat: Seat) { if let place = seat.place.take() { order.remove(place) } }
}
