import Coroutines
import Glibc
import SystemPackage

/// What is done where the kernel has no watches left: what is not watched is known, and tried again.
extension Watches {
  /// Whether something is not watched, for want of watches.
  var isShort: Bool { isBlind || !unwatched.isEmpty }

  /// Tries again to have watched what is not.
  func watchUnwatched(in files: any FileSystem) {
    do throws(SystemError) {
      if isBlind { try begin(files) }
    } catch {
      return  // there are still too few, which is known
    }
    for identity in unwatched {
      do throws(SystemError) { try watchUnwatched(identity, in: files) } catch {
        if error.isWatchLimit { return }
        // It may be gone, or closed to everybody: it stays unwatched, and others may be watched all the same.
      }
    }
  }
}

extension SystemError {
  /// Whether the kernel watches no more for this user (or this process has no descriptor left to be told by).
  var isWatchLimit: Bool {
    call == "inotify_add_watch" && code == ENOSPC || call == "inotify_init1" && (code == EMFILE || code == ENFILE)
  }
}
