import SimulatedDisk
import Testing

@testable import Weir

/// Rows and checkpoint are one transaction, through every end that a machine has.
@Suite struct PowerCutTests {
  /// Nine hundred seeds in hundreds, three lives each, of which three quarters end by a power cut.
  @Test(arguments: 0..<9 as Range<UInt64>)
  func twoThousandPowerCutsLeaveWholeTransactions(hundred: UInt64) throws {
    for seed in hundred * 100..<hundred * 100 + 100 {
      var lives = StoreLives(seed: seed)
      #expect(throws: Never.self, "seed \(seed)") { try lives.run(lives: 3) }
    }
  }

  /// The test above finds the faults that it is about.
  @Test func aCheckpointInATransactionOfItsOwnIsFound() throws {
    #expect(try found { $0.splitsTransactions = true } > 30)
  }

  @Test func missingSyncsAreFound() throws {
    #expect(try found { $0.leavesOutSyncs = true } > 10)
  }

  /// In how many of 100 seeds a fault is found.
  private func found(_ fault: (inout StoreLives) -> Void) throws -> Int {
    try (0..<100 as Range<UInt64>).count { seed in
      var lives = StoreLives(seed: seed)
      fault(&lives)
      do {
        try lives.run(lives: 3)
        return false
      } catch is StoreLives.Trouble {
        return true
      } catch is SimulatedDisk.QueryFailure {
        return true
      } catch let error as SQLiteError {
        return error.isDamage
      }
    }
  }
}
