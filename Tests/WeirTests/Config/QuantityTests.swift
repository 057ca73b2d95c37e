import Testing

@testable import Weir

@Suite struct QuantityTests {
  private func duration(_ text: String) -> Duration? {
    if case .value(let value) = Quantity<Duration>(duration: text) { value } else { nil }
  }

  private func size(_ text: String) -> Int? {
    if case .value(let value) = Quantity<Int>(size: text) { value } else { nil }
  }

  @Test func durations() {
    #expect(duration("500ms") == .milliseconds(500))
    #expect(duration("30s") == .seconds(30))
    #expect(duration("5m") == .seconds(300))
    #expect(duration("1h") == .seconds(3600))
    #expect(duration("30d") == .seconds(2_592_000))
  }

  @Test(arguments: [
    "", "s", "5", "0s", "0d", "-1s", "1.5s", "1 s", "5M", "1h30m", "36501d", "99999999999999999999s", "٣s",
  ])
  func wrongDurations(_ text: String) { #expect(duration(text) == nil) }

  @Test func sizes() {
    #expect(size("64KiB") == 65_536)
    #expect(size("1MiB") == 1_048_576)
    #expect(size("2GiB") == 2_147_483_648)
    #expect(size("10MB") == 10_000_000)
    #expect(size("77") == 77)
  }

  @Test(arguments: ["", "KiB", "0", "0MiB", "-5", "1.5MiB", "1 MiB", "1mib", "9999999999GiB", "9223372036854775807"])
  func wrongSizes(_ text: String) { #expect(size(text) == nil) }

  @Test func zeroIsSaidAsSuch() {
    let messages = Outcome("timing: { slow_batch: 0s }\n" + pipeline("broadcast: printer")).messages
    #expect(messages == ["1:23: error: \"0s\" is zero; a duration must be more than zero"])
    let unitless = Outcome("timing: { slow_batch: 30 }\n" + pipeline("broadcast: printer")).messages
    #expect(unitless == ["1:23: error: \"30\" has no unit; write it as 500ms, 30s, 5m, 1h or 30d"])
  }
}

@Suite struct SuggestionTests {
  @Test(arguments: [
    ("ignorecase", "ignore_case"), ("mtach", "match"), ("Exclude", "exclude"), ("wrod", "word"), ("fixd", "fixed"),
  ])
  func near(_ word: String, _ meant: String) {
    #expect(Suggestion.nearest(to: word, in: ["match", "exclude", "ignore_case", "fixed", "word"]) == meant)
  }

  @Test(arguments: ["x", "", "follow", "zzzzz", String(repeating: "match", count: 100_000)])
  func far(_ word: String) {
    #expect(Suggestion.nearest(to: word, in: ["match", "a", "ignore_case"]) == nil)
  }

  /// 500 of them took minutes.
  @Test func longNamesAreNotCompared() {
    let long = String(repeating: "name ", count: 400)
    #expect(Suggestion.nearest(to: long, in: repeatElement(long + "x", count: 500)) == nil)
    #expect(Suggestion.nearest(to: "match", in: [long, "matsch"]) == "matsch")
  }

  @Test func distances() {
    func distance(_ left: String, _ right: String) -> Int {
      Suggestion.distance(Array(left.unicodeScalars), Array(right.unicodeScalars))
    }
    #expect(distance("", "abc") == 3)
    #expect(distance("kitten", "sitting") == 3)
    #expect(distance("ab", "ba") == 1)
    #expect(distance("same", "same") == 0)
  }
}
