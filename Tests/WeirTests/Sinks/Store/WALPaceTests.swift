import Testing

@testable import Weir

/// When the `-wal` is moved, by what is seen of it alone.
@Suite struct WALPaceTests {
  private static let pageBytes = 8192
  private let rest = WALPace.restBytes / pageBytes
  private var pace = WALPace(pageBytes: pageBytes)

  private func idle(moved: Int) -> WALPace.MoverSight { .init(isBusy: false, movedPages: moved) }
  private var busy: WALPace.MoverSight { .init(isBusy: true, movedPages: 0) }

  @Test mutating func aStoreAloneMovesAllThatIsMuch() {
    #expect(pace.step(at: pace.limit - 1, nil) == .nothing)
    #expect(pace.step(at: pace.limit, nil) == .finish)
    #expect(pace.step(at: pace.limit + 1, nil) == .finish)
  }

  @Test mutating func aMoverGoesOnUntilLittleIsLeft() {
    #expect(pace.step(at: pace.limit - 1, idle(moved: 0)) == .nothing)
    #expect(pace.step(at: pace.limit, idle(moved: 0)) == .begin)
    #expect(pace.step(at: pace.limit + 5 * rest, busy) == .nothing)
    #expect(pace.step(at: pace.limit + 5 * rest, idle(moved: pace.limit)) == .begin)
    #expect(pace.step(at: pace.limit + 6 * rest, idle(moved: pace.limit + 5 * rest)) == .finish)
    #expect(pace.note(pages: pace.limit + 6 * rest) == false)
    #expect(pace.note(pages: 3) == true)
    #expect(pace.step(at: pace.limit, idle(moved: 0)) == .begin)
  }

  @Test mutating func whereAReaderKeepsPagesItIsTriedAsMoreComes() {
    #expect(pace.step(at: pace.limit, idle(moved: 0)) == .begin)
    #expect(pace.step(at: pace.limit + rest - 1, idle(moved: 10)) == .nothing)
    #expect(pace.step(at: pace.limit + rest, idle(moved: 10)) == .begin)
    #expect(pace.step(at: pace.limit + rest, idle(moved: pace.limit)) == .finish)
    #expect(pace.step(at: pace.limit + 2 * rest - 1, idle(moved: pace.limit + rest)) == .nothing)
    #expect(pace.step(at: pace.limit + 2 * rest, idle(moved: pace.limit + rest)) == .finish)
  }

  @Test mutating func whatHasToWaitIsTriedByTheNextThatMay() {
    #expect(pace.step(at: pace.limit, idle(moved: pace.limit), mayWait: false) == .nothing)
    #expect(pace.step(at: pace.limit + 1, idle(moved: pace.limit)) == .finish)
    #expect(pace.step(at: pace.limit + rest + 1, idle(moved: 0), mayWait: false) == .begin)
  }

  @Test mutating func inHasteItIsMovedSooner() {
    let part = pace.limit / WALPace.hasteDivisor
    #expect(pace.step(at: part, idle(moved: 0)) == .nothing)
    #expect(pace.step(at: part - 1, idle(moved: 0), inHaste: true) == .nothing)
    #expect(pace.step(at: part, idle(moved: 0), inHaste: true) == .begin)
    #expect(pace.step(at: part + 1, idle(moved: part), inHaste: true) == .finish)
  }

  @Test mutating func aMoverThatIsTooSlowIsWaitedFor() {
    let most = WALPace.mostBytes / Self.pageBytes
    #expect(pace.step(at: most - 1, busy) == .nothing)
    #expect(pace.step(at: most, busy) == .finish)
    #expect(pace.step(at: most + rest - 1, busy) == .nothing)
    #expect(pace.step(at: most + rest, busy) == .finish)
  }
}
