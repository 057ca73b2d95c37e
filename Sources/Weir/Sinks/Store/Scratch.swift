/// Bytes that are built, handed out by address and built anew: one allocation for many rows.
///
/// Unsafe by nature and therefore small: `bytes` is valid until the next change. Owned by one thread.
final class Scratch {
  private var memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 4096, alignment: 16)
  private(set) var count = 0

  deinit { memory.deallocate() }

  /// What was appended; valid until the next change.
  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: memory[..<count]) }

  func removeAll() { count = 0 }

  /// Takes bytes away from the end until `count` are left.
  func cut(to count: Int) { self.count = min(self.count, count) }

  func append(_ byte: UInt8) {
    reserve(1)
    memory[count] = byte
    count += 1
  }

  func append(_ more: UnsafeRawBufferPointer) {
    guard let source = more.baseAddress, !more.isEmpty else { return }
    reserve(more.count)
    (memory.baseAddress! + count).copyMemory(from: source, byteCount: more.count)
    count += more.count
  }

  func append(_ more: [UInt8]) { more.withUnsafeBytes { append($0) } }

  private func reserve(_ more: Int) {
    guard count + more > memory.count else { return }
    let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: max(memory.count * 2, count + more), alignment: 16)
    larger.copyMemory(from: bytes)
    memory.deallocate()
    memory = larger
  }
}
