import Glibc

/// How many descriptors this process may have: RLIMIT_NOFILE of getrlimit(2).
public enum OpenFileLimit {
  /// Raises the soft limit to the hard one, which is what the administrator allows: the soft one is low for the sake of
  /// programs that use select(2), and this one does not.
  ///
  /// Where that is refused the old limit holds.
  public static func raise() {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
    limit.rlim_cur = limit.rlim_max
    _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  }

  /// The soft limit now; as high as can be where it cannot be had.
  static var now: Int {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return .max }
    return Int(clamping: limit.rlim_cur)
  }
}
