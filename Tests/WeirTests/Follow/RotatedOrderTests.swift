import SystemPackage
import Testing

@testable import Weir

/// Which of two files was rotated away first.
@Suite struct RotatedOrderTests {
  /// Files that were rotated away from `app.log`: a name, when it was written last, and how large it is.
  private func names(oldestFirst files: [(name: String, seconds: Int, size: UInt64)]) -> [String] {
    let places = files.enumerated().map { index, file in
      let status = FileStatus(
        identity: FileIdentity(device: 1, inode: UInt64(index)), kind: .regular, size: file.size, linkCount: 1,
        modifiedAt: .seconds(file.seconds))
      return RotatedPlace(FilePath("/logs/\(file.name)"), status, from: "/logs/app.log")
    }
    let order = RotatedOrder(of: places)
    return places.sorted { order.isOlder($0, than: $1) }.map { $0.path.lastComponent!.string }
  }

  @Test func theLowestNumberIsTheNewest() {
    let files: [(String, Int, UInt64)] = [("app.log.1", 30, 9), ("app.log.2", 20, 9), ("app.log.10", 10, 9)]
    #expect(names(oldestFirst: files) == ["app.log.10", "app.log.2", "app.log.1"])
  }

  @Test func compressedOnesAreNumberedWithTheOthers() {
    let files: [(String, Int, UInt64)] = [("app.log.1", 30, 9), ("app.log.3.gz", 30, 9), ("app.log.2.gz", 30, 9)]
    #expect(names(oldestFirst: files) == ["app.log.3.gz", "app.log.2.gz", "app.log.1"])
  }

  @Test func numbersCountUpWhereThreeFilesSaySo() {
    let files: [(String, Int, UInt64)] = [("app.log.1", 10, 9), ("app.log.2", 20, 9), ("app.log.3", 30, 9)]
    #expect(names(oldestFirst: files) == ["app.log.1", "app.log.2", "app.log.3"])
  }

  @Test func aLateWriterDoesNotTurnTheOrder() {
    let two: [(String, Int, UInt64)] = [("app.log.1", 10, 9), ("app.log.2", 20, 9)]
    #expect(names(oldestFirst: two) == ["app.log.2", "app.log.1"])
    // The others were written to last in one second.
    let three: [(String, Int, UInt64)] = [("app.log.1", 10, 9), ("app.log.2", 20, 9), ("app.log.3", 20, 9)]
    #expect(names(oldestFirst: three) == ["app.log.3", "app.log.2", "app.log.1"])
  }

  @Test func anEmptyFileSaysNothingOfTheOrder() {
    let files: [(String, Int, UInt64)] = [("app.log.1", 10, 0), ("app.log.2", 20, 9), ("app.log.3", 30, 9)]
    #expect(names(oldestFirst: files) == ["app.log.3", "app.log.2", "app.log.1"])
  }

  @Test func datesGrow() {
    // By their last writes it would be the other way round.
    let files: [(String, Int, UInt64)] = [("app.log-20261125", 30, 9), ("app.log-20261124.gz", 40, 9)]
    #expect(names(oldestFirst: files) == ["app.log-20261124.gz", "app.log-20261125"])
  }

  @Test func namesOfTwoShapesGoByTime() {
    let files: [(String, Int, UInt64)] = [("app.log.1", 30, 9), ("app.log-20261124", 20, 9)]
    #expect(names(oldestFirst: files) == ["app.log-20261124", "app.log.1"])
  }
}
