import Coroutines
import SystemPackage

@testable import Weir

/// One gzip file, read here and there.
final class GzipRun {
  /// More steps than this to anywhere in so short a file are a hang.
  private static let stepLimit = 2000
  /// A read of no more than this is given in full.
  private static let fullBytes = 8 << 10

  /// The first thing that did not hold.
  private(set) var finding: FuzzFinding?
  private let memory: MemoryFile
  private let file: GzipFile
  private let expected: PlainGzip
  private var isWhole = false

  init(_ packed: [UInt8]) throws(SystemError) {
    memory = MemoryFile(packed)
    file = try GzipFile(memory, at: "/fuzz.gz")
    expected = PlainGzip(unpacking: packed)
  }

  /// As much of the file is there from now on.
  func grow(to size: Int) {
    memory.size = size
    isWhole = size == memory.bytes.count
  }

  func readAbout(_ random: inout SplitMix) throws(SystemError) {
    for _ in 0..<12 {
      let offset = Int.random(in: 0...(expected.content.count + 100), using: &random)
      if Bool.random(using: &random) { try go(to: offset) }
      let count = [1, 64, 1000, 9000, 100_000].randomElement(using: &random) ?? 1
      if Bool.random(using: &random) { file.keepMarker(before: UInt64(offset)) }
      try read(at: offset, count: Int.random(in: 1...count, using: &random))
    }
  }

  func readToEnd() throws(SystemError) {
    var offset = 0
    while finding == nil, offset < expected.content.count { offset += try read(at: offset, count: 64 << 10) }
    try go(to: expected.content.count)
    note(file.ending == expected.ending, "it ends \(String(describing: file.ending)), not \(expected.ending)")
    note(file.knownSize == UInt64(expected.content.count), "\(file.knownSize) bytes, not \(expected.content.count)")
  }

  private func go(to offset: Int) throws(SystemError) {
    var steps = 0
    while try !file.step(toward: UInt64(offset)) {
      steps += 1
      if steps > Self.stepLimit { return note(false, "\(steps) steps to \(offset) and not there") }
    }
  }

  @discardableResult
  private func read(at offset: Int, count: Int) throws(SystemError) -> Int {
    let bytes = try file.bytes(at: UInt64(offset), count: count)
    let there = expected.content.dropFirst(offset).prefix(count)
    note(there.starts(with: bytes), "other bytes at \(offset)")
    let isEnough = count <= Self.fullBytes ? bytes.count == there.count : there.isEmpty == bytes.isEmpty
    note(!isWhole || isEnough, "\(bytes.count) bytes at \(offset), where \(there.count) are")
    return bytes.count
  }

  private func note(_ condition: Bool, _ description: @autoclosure () -> String) {
    if !condition, finding == nil { finding = FuzzFinding(description: description()) }
  }
}
