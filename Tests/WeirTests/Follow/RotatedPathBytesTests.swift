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
    let parts = paths.map { path in
      (folder: path.removingLastComponent().string, name: Array(path.lastComponent!.string.utf8), stem: path.stem!.utf8)
    }
    var mistaken: [String] = []
    for (path, own) in zip(paths, parts) {
      for (original, other) in zip(paths, parts) {
        let isRotated = own.folder == other.folder && own.name.starts(with: other.stem)
        if path.mayBeRotated(from: original) != isRotated { mistaken.append("\(path) of \(original)") }
      }
    }
    #expect(mistaken.isEmpty)
  }
}
