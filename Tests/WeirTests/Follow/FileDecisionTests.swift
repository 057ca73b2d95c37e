import Testing

@testable import Weir

@Suite struct FileDecisionTests {
  /// size, readOffset, unchanged, named, deleted, successor has bytes, quiet seconds, once
  typealias Row = (UInt64, UInt64, Bool?, Bool, Bool, Bool, Int, Bool)

  @Test(
    arguments: [
      ((10, 5, true, true, false, false, 0, false), FileDecision.read),
      ((10, 5, true, false, true, true, 9, false), .read),
      ((10, 10, true, true, false, false, 9, false), .wait),
      ((4, 5, nil, true, false, false, 0, false), .startAnew(.truncated)),
      ((10, 5, false, true, false, false, 0, false), .startAnew(.rewritten)),
      ((5, 5, false, true, false, false, 0, false), .startAnew(.rewritten)),
      ((5, 5, true, false, false, false, 60, false), .wait),
      ((5, 5, true, false, false, true, 1, false), .waitQuiet(.seconds(4))),
      ((5, 5, true, false, true, false, 1, false), .waitQuiet(.seconds(4))),
      ((5, 5, true, false, true, false, 5, false), .end),
      ((5, 5, true, false, false, true, 5, false), .end),
      ((5, 5, true, true, true, true, 60, false), .wait),
      ((5, 5, true, true, false, false, 0, true), .end),
      ((4, 5, nil, true, false, false, 0, true), .end),
      ((6, 5, false, true, false, false, 0, true), .end),
      ((6, 5, true, true, false, false, 0, true), .read),
    ] as [(Row, FileDecision)]) func table(row: Row, decision: FileDecision)
  {
    let sight = FileSight(
      size: row.0, readOffset: row.1, isUnchangedBefore: row.2, isNamed: row.3, isDeleted: row.4,
      successorHasBytes: row.5, quietFor: .seconds(row.6), isOnce: row.7)
    #expect(FileDecision(sight) == decision)
  }
}
