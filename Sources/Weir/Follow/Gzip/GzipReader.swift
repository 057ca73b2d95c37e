import Coroutines

/// Reads the content of a gzip file from its first byte on, in order: member after member, as gzip(1) does.
///
/// What is missing at the end may still come: each call goes on where the file ended before. That a file was written
/// anew is told by the last bytes that were read, which are read again each time. Owner: one at a time.
final class GzipReader {
  /// Why there is nothing more to read, as far as can be seen.
  enum Ending: Equatable, Sendable {
    /// The file ends behind a member, or what follows is no member.
    case whole
    /// The file ends within a member: it is being written, or was cut off.
    case cutOff
    /// What follows is not as it was written; nothing more can be had.
    case damaged(String)
  }

  /// What one pread(2) takes.
  static let inputBytes = 32 << 10
  /// How many of the last bytes the file is known by.
  private static let tailBytes = 64

  private enum Phase {
    case member
    case betweenMembers
    /// Behind the first of the two bytes that a member begins with.
    case withinMark
    /// In zeros behind the last member.
    case padding
    /// Behind the last member is something else.
    case garbage
    case damaged(String)
  }

  /// How much of the content was read.
  private(set) var position: UInt64 = 0
  /// Why the last call gave less than was asked for; nil where there may be more.
  private(set) var ending: Ending?
  /// Grows by one when the file turns out to have been written anew; reading begins at its first byte then.
  private(set) var generation = 0
  /// Whether there is something behind the last member that is neither zeros nor a member.
  var hasGarbage: Bool { if case .garbage = phase { true } else { false } }

  private let file: any ReadableFile
  private let limit: UInt64
  private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: tailBytes + inputBytes, alignment: 16)
  /// What was read of the file and not taken yet: a part of the buffer. Before it stands what was taken last.
  private var input = 0..<0
  /// Up to where the file was read.
  private var inputOffset: UInt64 = 0
  /// The bytes before `inputOffset`.
  private var tail: [UInt8] = []
  private var phase = Phase.member
  /// Whether more may come of the input that was taken: the output was full.
  private var mayHoldOutput = false
  private let inflater: Inflater

  /// - Parameter limit: how many bytes of `file` are read, at most.
  /// - Throws: ENOMEM.
  init(_ file: any ReadableFile, limit: UInt64) throws(SystemError) {
    inflater = try Inflater()
    self.file = file
    self.limit = limit
  }

  deinit { buffer.deallocate() }

  /// Begins again at the first byte.
  func rewind() {
    position = 0
    ending = nil
    input = 0..<0
    inputOffset = 0
    tail = []
    phase = .member
    mayHoldOutput = false
    inflater.beginMember()
  }

  /// Fills `output` with what follows in the content.
  ///
  /// - Parameter inputLimit: about how many bytes of the file are taken, at most.
  /// - Returns: how many bytes it gave; fewer than asked for where `ending` says why, the input limit was reached,
  ///   reading failed behind them, or the file was written anew.
  /// - Throws: what reading the file throws; ENOMEM, and then it begins again at the first byte.
  func read(into output: UnsafeMutableRawBufferPointer, inputLimit: Int) throws(SystemError) -> Int {
    ending = nil
    var made = 0
    var taken = 0
    while made < output.count, taken < inputLimit {
      do throws(SystemError) {
        guard try hasInput() else { return made }
        let before = input.count
        let count = try step(into: UnsafeMutableRawBufferPointer(rebasing: output[made...]))
        taken += before - input.count
        made += count
        position += UInt64(count)
      } catch {
        if made > 0 { return made }
        throw error
      }
    }
    return made
  }

  /// Sees to it that there is input for a step.
  ///
  /// - Returns: false where there is none, and `ending` says why, or where the file was written anew.
  private func hasInput() throws(SystemError) -> Bool {
    let endingHere: Ending
    switch phase {
    case .damaged(let reason): endingHere = .damaged(reason)
    case .garbage: endingHere = .whole
    case .betweenMembers, .padding: endingHere = .whole
    case .member, .withinMark: endingHere = .cutOff
    }
    var isOver = false
    switch phase {
    case .damaged, .garbage: isOver = true
    default: if !input.isEmpty || mayHoldOutput { return true }
    }
    guard try refill(byteCount: isOver ? 0 : Self.inputBytes) else {
      generation += 1
      rewind()
      return false
    }
    if input.isEmpty { ending = endingHere }
    return !input.isEmpty
  }

  /// Reads on in the file, and what was read last before it.
  ///
  /// - Returns: false where that is not what it was.
  private func refill(byteCount: Int) throws(SystemError) -> Bool {
    let fresh = Int(min(UInt64(byteCount), limit - min(limit, inputOffset)))
    let target = UnsafeMutableRawBufferPointer(rebasing: buffer[..<(tail.count + fresh)])
    let count = try file.read(into: target, at: inputOffset - UInt64(tail.count))
    guard count >= tail.count, buffer.prefix(tail.count).elementsEqual(tail) else { return false }
    input = tail.count..<count
    inputOffset += UInt64(input.count)
    tail = Array(buffer[..<count].suffix(Self.tailBytes))
    return true
  }

  /// Takes some of the input, which is not empty unless ``mayHoldOutput``.
  ///
  /// - Returns: how many bytes it gave.
  private func step(into output: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int {
    switch phase {
    case .member: return try inflate(into: output)
    case .betweenMembers:
      switch buffer[input.lowerBound] {
      case 0x1f: phase = .withinMark
      case 0: phase = .padding
      default: phase = .garbage
      }
      input = input.dropFirst()
    case .withinMark:
      phase = buffer[input.lowerBound] == 0x8b ? .member : .garbage
      inflater.beginMember()
      // The byte before it is the first of the two, also where the file had ended between them.
      input = (input.lowerBound - 1)..<input.upperBound
    case .padding:
      input = input.dropFirst(buffer[input].prefix { $0 == 0 }.count)
      if !input.isEmpty { phase = .garbage }
    case .garbage, .damaged: break
    }
    return 0
  }

  private func inflate(into output: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int {
    do throws(SystemError) {
      let part = UnsafeRawBufferPointer(rebasing: buffer[input])
      let (taken, made, outcome) = try inflater.inflate(part, into: output)
      input = input.dropFirst(taken)
      mayHoldOutput = outcome == .more && made == output.count
      switch outcome {
      case .more: break
      case .memberEnd: phase = .betweenMembers
      case .damaged(let reason): phase = .damaged(reason)
      }
      return made
    } catch {
      rewind()
      throw error
    }
  }
}
