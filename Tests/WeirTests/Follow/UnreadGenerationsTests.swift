import Testing

@testable import Weir

/// Generations of a file that come and go before they are read, and copies of them.
@Suite struct UnreadGenerationsTests {
  /// Two that are over, of 500 and 300 bytes, and one that is there.
  private var seen: UnreadGenerations {
    var seen = UnreadGenerations()
    for size: UInt64 in [200, 500, 300, 10] { seen.note(size: size) }
    return seen
  }

  @Test func eachIsHeldAgainstItsCopy() {
    var seen = seen
    #expect(seen.count == 2)
    #expect(seen.takeSize(ofCopyOf: 400, copiesLeft: 2) == 500, "100 bytes came after it was copied")
    #expect(seen.takeSize(ofCopyOf: nil, copiesLeft: 1) == 300)
    #expect(seen.takeSize(ofCopyOf: 100, copiesLeft: 1) == 0)
  }

  @Test func oneThatWasNotSeenHasACopyToo() {
    var seen = seen
    #expect(seen.takeSize(ofCopyOf: 100, copiesLeft: 3) == 0)
    #expect(seen.takeSize(ofCopyOf: 500, copiesLeft: 2) == 500)
    #expect(seen.takeSize(ofCopyOf: 300, copiesLeft: 1) == 300)
  }
}
