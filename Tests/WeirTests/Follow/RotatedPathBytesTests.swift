import SystemPackage
import Testing

@testable import Weir

/// Which paths a rotation may have made of another, told by bytes, as their components say it.
@Suite struct RotatedPathBytesTests {
  private static let names = [
    "app", "app.log", "app.log.1", "app.log.1.gz", "app-1.log", "application.log", "ap", ".app", ".app.log", ".a", "a.",
    "a..b", "b", "app.d", "äpp.log", "a\u{308}pp.log.1",
  ]
  private static let folders = ["/logs", "/logs/app.d", "/logs/app"]

  @Test func isAsTheComponentsSay() {
    let paths = Self.folders.flatMap { folder in Self.names.map { FilePath(folder).appending($0) } }
    for path in paths {
      for original in paths {
        let isInFolder = path.removingLastComponent() == original.removingLastComponent()
        let beginsAlike = path.lastComponent!.string.utf8.starts(with: original.stem!.utf8)
        #expect(path.mayBeRotated(from: original) == (isInFolder && beginsAlike), "\(path) of \(original)")
      }
    }
  }
}
