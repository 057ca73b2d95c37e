import SystemPackage

@testable import Weir

/// The line splitter. An input is a line of four numbers (`max_line`, where reading begins, how the reads are drawn,
/// what is added to offsets) and then the file, in which `0xfe N` stands for a run of NULs and `0xff N` for one of
/// letters.
///
/// However the bytes come apart into reads, the same lines, cut lines and holes come of them, which are those of a
/// plain splitter; together they are every byte once; and a reader that begins where a batch ends gives the rest.
enum LinesTarget {
  static func check(_ bytes: [UInt8]) throws(FuzzFinding) {
    var input = FuzzInput(bytes)
    let numbers = input.numbers(4)
    let file = expanded(input.rest)
    let shift: UInt64 = numbers[3] % 3 == 0 ? 0 : 1 << (20 * (numbers[3] % 3))
    let limit = 1 + Int(numbers[0] % 5000)
    let start = Int(numbers[1] % UInt64(file.count + 1))
    var random = SplitMix(seed: numbers[2])
    let expected = PlainSplitter(file, limit: limit, hasMark: shift == 0).pieces(from: start)
    let run = LineReaderRun(file: file, shift: shift, limit: limit)
    let batches = try run.check(from: start, expected: expected, random: &random)
    guard let end = batches.randomElement(using: &random).map({ Int($0.end - shift) }) else { return }
    let rest = expected.filter { $0.range.lowerBound >= end }
    _ = try run.check(from: end, expected: rest, random: &random)
  }

  /// With its runs written out.
  static func expanded(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    var file: [UInt8] = []
    var rest = bytes
    while let byte = rest.popFirst() {
      guard byte >= 0xfe, let count = rest.popFirst() else {
        file.append(byte)
        continue
      }
      file += [UInt8](repeating: byte == 0xfe ? 0 : 0x78, count: Int(count) * 9)
    }
    return file
  }
}
