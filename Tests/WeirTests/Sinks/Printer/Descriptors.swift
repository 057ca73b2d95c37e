import Glibc
import Synchronization
import SystemPackage
import Testing

/// A file of its own, removed at the end.
final class PrinterFile: Sendable {
  let descriptor: Int32
  private let path: String

  init() throws {
    var template = Array("/tmp/weir-printer.XXXXXX".utf8CString)
    descriptor = mkstemp(&template)
    try #require(descriptor >= 0)
    path = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
  }

  deinit {
    close(descriptor)
    unlink(path)
  }

  var content: String {
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    let file = open(path, O_RDONLY | O_CLOEXEC)
    defer { close(file) }
    let count = read(file, &bytes, bytes.count)
    return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
  }

  /// The size that no file here can exceed: lseek(2) refuses to go beyond.
  func largestOffset() -> Int? {
    var (lower, upper) = (0, Int.max)
    while lower < upper {
      let middle = lower + (upper - lower) / 2 + (upper - lower) % 2
      if lseek(descriptor, middle, SEEK_SET) >= 0 { lower = middle } else { upper = middle - 1 }
    }
    return lower > 0 ? lower : nil
  }
}

/// A pipe whose ends are closed at the latest with it.
final class PrinterPipe: Sendable {
  let reading: Int32
  let writing: Int32
  private let isOpen = Mutex((reading: true, writing: true))

  init() throws {
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    (reading, writing) = (ends[0], ends[1])
  }

  deinit {
    closeReading()
    closeWriting()
  }

  func closeReading() { isOpen.withLock { if $0.reading { $0.reading = close(reading) != 0 } } }
  func closeWriting() { isOpen.withLock { if $0.writing { $0.writing = close(writing) != 0 } } }

  /// Reads on a thread of its own until all writers are gone.
  func readToEnd(atMost byteCount: Int) -> Reading { Reading(descriptor: reading, atMost: byteCount) }

  /// What a thread reads.
  final class Reading: Sendable {
    private let descriptor: Int32
    private let byteCount: Int
    private let bytes = Mutex<[UInt8]>([])
    private let thread: Mutex<pthread_t>

    init(descriptor: Int32, atMost byteCount: Int) {
      self.descriptor = descriptor
      self.byteCount = byteCount
      thread = Mutex(pthread_t())
      var thread = pthread_t()
      pthread_create(&thread, nil, { Unmanaged<Reading>.fromOpaque($0!).takeRetainedValue().read() }, retainedSelf)
      self.thread.withLock { $0 = thread }
    }

    private var retainedSelf: UnsafeMutableRawPointer { Unmanaged.passRetained(self).toOpaque() }

    private func read() -> UnsafeMutableRawPointer? {
      var part = [UInt8](repeating: 0, count: byteCount)
      while case let count = Glibc.read(descriptor, &part, part.count), count > 0 {
        bytes.withLock { $0 += part.prefix(count) }
      }
      return nil
    }

    /// All that was read, when every writer is gone.
    func value() throws -> [UInt8] {
      try #require(pthread_join(thread.withLock { $0 }, nil) == 0)
      return bytes.withLock { $0 }
    }
  }
}

/// A terminal (pty(7)): `descriptor` is what a program writes to, this is what the person sees.
final class PrinterTerminal: Sendable {
  let descriptor: Int32
  private let screen: Int32
  /// TIOCSPTLCK and TIOCGPTN of ioctl_tty(2), which the Glibc module lacks.
  private static let (unlock, tellNumber) = (UInt(0x4004_5431), UInt(0x8004_5430))
  private let isHungUp = Atomic(false)

  init() throws {
    screen = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
    try #require(screen >= 0)
    var isLocked: Int32 = 0
    var number: UInt32 = 0
    try #require(ioctl(screen, Self.unlock, &isLocked) == 0)
    try #require(ioctl(screen, Self.tellNumber, &number) == 0)
    descriptor = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY | O_CLOEXEC)
    try #require(descriptor >= 0)
  }

  deinit {
    hangUp()
    close(descriptor)
  }

  func hangUp() { if !isHungUp.exchange(true, ordering: .relaxed) { close(screen) } }

  /// What is seen up to and with the next LF; an error when nothing comes for ten seconds.
  func readLine() throws -> String {
    var bytes: [UInt8] = []
    while bytes.last != 10 {
      var request = pollfd(fd: screen, events: Int16(POLLIN), revents: 0)
      try #require(poll(&request, 1, 10_000) == 1)
      var byte: UInt8 = 0
      try #require(read(screen, &byte, 1) == 1)
      bytes.append(byte)
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
