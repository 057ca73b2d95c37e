import Testing

/// What happened when, for someone who looks into a finding.
///
/// Owner: one test.
final class AdversaryJournal {
  private let begun = ContinuousClock.now
  private(set) var text = ""

  /// Takes down what happened; of what weir says each line.
  func note(_ what: String) {
    let milliseconds = Int((ContinuousClock.now - begun) / .milliseconds(1))
    for line in what.split(separator: "\n") { text += "\(milliseconds) ms: \(line)\n" }
  }
}
