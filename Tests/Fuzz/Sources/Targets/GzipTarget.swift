import Coroutines
import SystemPackage

@testable import Weir

/// Reading a gzip file by offsets of its content. An input is a line of three numbers (what the rest is, how reads are
/// drawn, where the file is damaged) and then a gzip file, or where the first number is odd, what is to be compressed.
///
/// Wherever one reads, in pieces of whatever size and while the file still grows, the bytes are those that inflating
/// all of it at once gives, as far as it can be inflated; and then it is told why there are no more.
enum GzipTarget {
  static func check(_ bytes: [UInt8]) throws(FuzzFinding) {
    var input = FuzzInput(bytes)
    let numbers = input.numbers(3)
    var random = SplitMix(seed: numbers[1])
    var packed = Array(input.rest)
    if numbers[0] % 2 == 1 { packed = PlainGzip.packed(LinesTarget.expanded(input.rest), &random) }
    if numbers[2] > 0, !packed.isEmpty { damage(&packed, at: Int(numbers[2] % UInt64(packed.count)), &random) }
    do throws(SystemError) {
      let run = try GzipRun(packed)
      if Bool.random(using: &random) {
        run.grow(to: Int.random(in: 0...packed.count, using: &random))
        try run.readAbout(&random)
      }
      run.grow(to: packed.count)
      try run.readAbout(&random)
      try run.readToEnd()
      if let finding = run.finding { throw SystemError(finding.description, code: 0) }
    } catch { throw FuzzFinding(description: "\(error)") }
  }

  private static func damage(_ file: inout [UInt8], at place: Int, _ random: inout SplitMix) {
    switch Int.random(in: 0..<4, using: &random) {
    case 0: file[place] ^= UInt8.random(in: 1...255, using: &random)
    case 1: file.removeSubrange(place...)
    case 2: file.insert(UInt8.random(in: 0...255, using: &random), at: place)
    default: file.removeSubrange(place..<min(file.count, place + 9))
    }
  }
}
