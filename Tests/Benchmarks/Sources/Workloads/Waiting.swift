import Glibc

/// Lets `duration` seconds pass, over which something is measured.
func pass(_ duration: Double) {
  let end = seconds(CLOCK_MONOTONIC) + duration
  while case let left = end - seconds(CLOCK_MONOTONIC), left > 0 { poll(nil, 0, Int32((left * 1000).rounded(.up))) }
}

/// Looks every few milliseconds whether `condition` holds, and fails when it has not held for `patience` seconds.
func waitUntil(_ what: String, atMost patience: Double = 60, _ condition: () throws -> Bool) throws {
  let end = seconds(CLOCK_MONOTONIC) + patience
  while try !condition() {
    guard seconds(CLOCK_MONOTONIC) < end else { throw Failure("waited \(patience) s in vain until \(what)") }
    poll(nil, 0, 5)
  }
}

/// How many bytes a file has; none, if it is not there.
func size(of path: String) -> Int {
  var status = stat()
  return stat(path, &status) == 0 ? Int(status.st_size) : 0
}
