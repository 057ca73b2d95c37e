import Coroutines

/// The files of which all was read and whose routines wait for more; so many at most, for a task that waits takes ten
/// kilobytes. Beyond that, the one that was read longest ago is dismissed: its routine ends, and another is begun when
/// its bell rings.
///
/// Owner: the scheduler's thread, which alone calls it; so it needs no lock.
final class WaitingFiles: @unchecked Sendable {
  /// Two thirds of a megabyte. Beginning a routine anew costs some microseconds, for files that were quiet for as long
  /// as it takes that many others to be read.
  static let limit = 64

  private var order = UseOrder<Bell>()

  /// Waits at the bell of a file.
  ///
  /// - Returns: whether it was dismissed.
  /// - Throws: `CancellationError`.
  func wait(at bell: Bell) async throws -> Bool {
    if order.count >= Self.limit, let oldest = order.oldest, order[oldest].dismiss() { order.remove(oldest) }
    let place = order.append(bell)
    do {
      let isDismissed = try await bell.wait() == .dismissal
      if !isDismissed { order.remove(place) }
      return isDismissed
    } catch {
      order.remove(place)
      throw error
    }
  }
}
