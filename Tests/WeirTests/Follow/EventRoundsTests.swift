import Coroutines
import Testing

@testable import Weir

/// How often the kernel is heard.
@Suite struct EventRoundsTests {
  /// The pauses, in milliseconds, of rounds with so many events, each as much later as it is paused and `late`.
  private func pauses(after counts: [Int], late: Duration = .zero) -> [Double] {
    var now = Duration.seconds(100)
    var rounds = EventRounds()
    return counts.map { count in
      let pause = rounds.pause(after: count, at: now)
      now += pause + late
      return pause.inSeconds * 1000
    }
  }

  @Test func oneLineIsFollowedByALookSoonAfter() { #expect(pauses(after: [1]) == [2]) }

  /// What is written all the time is read ten times a second: each round has more events then.
  @Test func busyFilesAreHeardLessOften() {
    #expect(pauses(after: [1, 10, 10, 10, 20, 20, 40, 60, 60]) == [2, 4, 8, 16, 32, 64, 100, 100, 100])
  }

  /// Many writers that all write every ten milliseconds: between two rounds there is nothing to take.
  @Test func burstsWithQuietBetweenThemAreBusyToo() {
    #expect(pauses(after: [1, 10, 10, 10, 10, 30, 70], late: .milliseconds(6)) == [2, 4, 8, 16, 32, 64, 100])
  }

  @Test func afterAQuietTimeALineIsHeardAtOnce() {
    #expect(pauses(after: [20, 20, 20, 20, 40, 60, 1, 1], late: .milliseconds(100)) == [4, 4, 4, 4, 4, 4, 2, 2])
  }

  /// A burst of which the first round takes so many that they cannot have come one by one.
  @Test func aBurstIsBusyAtOnce() {
    #expect(pauses(after: [12, 1]) == [2, 4])
    #expect(pauses(after: [13, 1]) == [4, 2])
  }

  @Test func quietOnesAreHeardSoonAgain() {
    #expect(pauses(after: [20, 20, 20, 20, 1, 1, 1, 1, 1], late: .milliseconds(1)) == [4, 8, 16, 32, 16, 8, 4, 2, 2])
  }

  /// A line each 2.5 ms or more seldom is read line by line.
  @Test func howFastIsBusy() {
    let interval = EventRounds.busyInterval - EventRounds.shortestPause
    #expect(pauses(after: [1, 1, 1, 1], late: interval) == [2, 2, 2, 2])
    #expect(pauses(after: [1, 1, 1, 1], late: interval - .nanoseconds(1)) == [2, 4, 2, 4])
  }
}
