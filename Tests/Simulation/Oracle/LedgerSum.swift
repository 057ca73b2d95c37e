/// Whether the agent's own figures add up: the bytes that it read are those that it delivered, and those that were
/// filtered out.
///
/// They are of one life, so it is asked in worlds that have but one; and of whole lines, so not where a line was given
/// out in parts, whose terminators nobody knows. What is in a gap was not read.
struct LedgerSum {
  let faults: [String]

  init(_ figures: Figures?, of oracle: Oracle, stored: Stored, isFiltered: Bool) {
    guard let figures else {
      faults = ["the agent told no figures"]
      return
    }
    var faults: [String] = []
    var byteCounts = Dictionary(uniqueKeysWithValues: oracle.lines.map { ($0.text, $0.end - $0.offset) })
    for row in stored.rows where row.line.hasPrefix("banner ") { byteCounts[row.line] = row.line.utf8.count + 1 }
    let delivered = stored.rows.map { byteCounts[$0.line] }
    if figures.matchedLines != delivered.count {
      faults.append("ledger: \(figures.matchedLines) lines matched, and \(delivered.count) are stored")
    }
    let deliveredBytes = delivered.compactMap(\.self).reduce(0, +)
    if !delivered.contains(nil), oracle.pieced.isEmpty, oracle.torn.isEmpty {
      // Of what is filtered out only the oracle knows how much it is.
      let isExact = !isFiltered
      if isExact ? figures.readBytes != deliveredBytes : figures.readBytes < deliveredBytes {
        faults.append("ledger: \(figures.readBytes) bytes read, and \(deliveredBytes) are stored")
      }
    }
    self.faults = faults
  }
}
