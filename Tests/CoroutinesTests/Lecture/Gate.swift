import Glibc

/// What a blocking thread passes once it was opened: a pipe with a byte in it.
final class Gate: Sendable {
  let reading: Int32
  let writing: Int32

  init() {
    var ends: [Int32] = [0, 0]
    precondition(pipe(&ends) == 0, "no pipe")
    (reading, writing) = (ends[0], ends[1])
  }

  deinit {
    close(reading)
    close(writing)
  }

  func pass() {
    var byte: UInt8 = 0
    while read(reading, &byte, 1) < 0, errno == EINTR {}
  }

  func open() {
    var byte: UInt8 = 1
    write(writing, &byte, 1)
  }
}
