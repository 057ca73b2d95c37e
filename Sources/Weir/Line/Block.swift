import Synchronization

/// Memory that stages share without copying: written by its reader until it is in a batch, never after.
///
/// Unsafe by nature and therefore small: `bytes` is written only by the owner of the block while nobody
/// else has it, and a block returns to its pool when the last batch that uses it is gone.
public final class Block: @unchecked Sendable {
  /// All of the block's memory, written or not.
  public let bytes: UnsafeMutableRawBufferPointer
  private let pool: BlockPool?

  /// A block of nothing: one for all who say where they are in a file, and have nothing of it.
  static let empty = Block(copying: [])

  fileprivate init(bytes: UnsafeMutableRawBufferPointer, pool: BlockPool?) {
    self.bytes = bytes
    self.pool = pool
  }

  /// A block that holds a copy of `content`, of a pool of its own.
  public convenience init<Content: Collection<UInt8>>(copying content: Content) {
    self.init(bytes: .allocate(byteCount: max(1, content.count), alignment: 64), pool: nil)
    bytes.copyBytes(from: content)
  }

  deinit {
    if let pool { pool.give(back: bytes) } else { bytes.deallocate() }
  }
}

/// Keeps memory for reuse, so that steady reading allocates nothing.
public final class BlockPool: Sendable {
  /// Kept for reuse, at most, in bytes: what two busy files need.
  static let keptBytesLimit = 4 << 20

  private struct Shelf: @unchecked Sendable {
    var free: [UnsafeMutableRawBufferPointer] = []
    var keptBytes = 0
    var usedBytes = 0
  }
  private let shelf = Mutex(Shelf())
  /// Of those who store what is in the blocks.
  let haste: Haste

  /// Makes an empty pool.
  public convenience init() { self.init(haste: Haste()) }

  init(haste: Haste) { self.haste = haste }

  deinit { shelf.withLock { $0.free.forEach { $0.deallocate() } } }

  /// How large all blocks are that are in use.
  public var usedBytes: Int { shelf.withLock { $0.usedBytes } }

  /// A block of at least `byteCount` bytes; what it holds is undefined.
  public func take(byteCount: Int) -> Block {
    let byteCount = max(1, byteCount)
    let kept = shelf.withLock { shelf -> UnsafeMutableRawBufferPointer? in
      let index = shelf.free.lastIndex { $0.count >= byteCount && $0.count < 4 * byteCount }
      shelf.usedBytes += index.map { shelf.free[$0].count } ?? byteCount
      guard let index else { return nil }
      let bytes = shelf.free.remove(at: index)
      shelf.keptBytes -= bytes.count
      return bytes
    }
    return Block(bytes: kept ?? .allocate(byteCount: byteCount, alignment: 64), pool: self)
  }

  fileprivate func give(back bytes: UnsafeMutableRawBufferPointer) {
    nonisolated(unsafe) let bytes = bytes
    let isKept = shelf.withLock { shelf in
      shelf.usedBytes -= bytes.count
      guard shelf.keptBytes + bytes.count <= Self.keptBytesLimit else { return false }
      shelf.free.append(bytes)
      shelf.keptBytes += bytes.count
      return true
    }
    if !isKept { bytes.deallocate() }
  }
}
