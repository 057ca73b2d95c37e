import CSQLite
import SystemPackage

@testable import Weir

/// What a database has at the end.
struct Stored {
  struct Row {
    let path: String
    let offset: Int
    let line: String
  }
  struct GapRow {
    let path: String
    let first: Int
    let last: Int
    let reason: String
  }

  private(set) var rows: [Row] = []
  private(set) var gaps: [GapRow] = []

  /// What a printer has printed, which says of no line where it is from.
  init(printed lines: [String]) { rows = lines.map { Row(path: "", offset: 0, line: $0) } }

  init(_ path: FilePath, on databases: Databases) throws {
    let database = try Database(opening: path, on: databases.disk)
    // One that could not be made before it was not needed any more has nothing.
    if try database.integer("SELECT 1 FROM sqlite_schema WHERE name = 'matches'") == nil { return }
    let matches = try database.prepare("SELECT path, offset, line FROM matches ORDER BY id")
    while try matches.step() {
      rows.append(Row(path: matches.text(0), offset: Int(matches.integer(1)), line: matches.text(2)))
    }
    let gapRows = try database.prepare("SELECT path, first, last, reason FROM gaps")
    while try gapRows.step() {
      gaps.append(
        GapRow(
          path: gapRows.text(0), first: Int(gapRows.integer(1)), last: Int(gapRows.integer(2)), reason: gapRows.text(3)
        ))
    }
  }
}
