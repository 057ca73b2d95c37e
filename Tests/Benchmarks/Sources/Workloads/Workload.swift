/// Something that is measured.
protocol Workload {
  /// `W1`, as the table and the command line call it.
  var name: String { get }

  func measure(on bench: Bench) throws -> [Row]
}
