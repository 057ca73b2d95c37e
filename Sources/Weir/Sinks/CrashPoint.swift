import Glibc
import Synchronization

/// Places in the code at which a test ends the process as a power cut or SIGKILL would, at its worst moment.
///
/// `WEIR_CRASH_POINT=store.before_commit:2` ends a debug build where that place is reached for the second time. In
/// other builds there is nothing of it, names included.
enum CrashPoint {
  /// The place of that name is reached.
  @inline(__always) static func reached(_ name: StaticString) {
    #if DEBUG
      ChosenPoint.ofProcess?.reached(name)
    #endif
  }
}

#if DEBUG
  /// What `WEIR_CRASH_POINT` says.
  private final class ChosenPoint: Sendable {
    static let ofProcess = getenv("WEIR_CRASH_POINT").flatMap { ChosenPoint(String(cString: $0)) }

    private let name: String
    private let missing: Mutex<Int>

    private init?(_ text: String) {
      let parts = text.split(separator: ":")
      guard parts.count == 2, let times = Int(parts[1]) else { return nil }
      name = String(parts[0])
      missing = Mutex(times)
    }

    func reached(_ place: StaticString) {
      guard place.description == name else { return }
      let isNow = missing.withLock { missing in
        missing -= 1
        return missing == 0
      }
      if isNow { kill(getpid(), SIGKILL) }
    }
  }
#endif
