import OrderedCollections

/// Reads `grep:` and `broadcast:` of a pipeline and of the branches inside it.
struct BranchReader {
  /// One target in a broadcast.
  struct Use {
    /// Among the roster's used sinks.
    let sink: Int
    let place: Place
  }

  /// Of all rules read so far, in order of appearance, each once.
  private(set) var fields: OrderedSet<String> = []
  /// Whether `fields` lacks some because a pattern is wrong.
  private(set) var hasBadPattern = false
  private(set) var uses: [Use] = []
  private let reading: ConfigReading
  private let roster: SinkRoster

  init(reading: ConfigReading, roster: SinkRoster) {
    self.reading = reading
    self.roster = roster
  }

  /// Takes `grep` and `broadcast` of a mapping. `what` names it in an error.
  mutating func read(_ mapping: inout ConfigMapping, what: String) -> BranchPlan {
    var grep = GrepReader(reading: reading)
    grep.read(mapping.node("grep"))
    fields.append(contentsOf: grep.fields)
    hasBadPattern = hasBadPattern || grep.hasBadPattern
    var branch = BranchPlan(rules: grep.rules, sinks: [])
    if let node = mapping.required("broadcast", "\(what) needs \"broadcast\": where its lines go") {
      read(node, into: &branch, what: what)
    }
    return branch
  }

  private mutating func read(_ node: YAMLNode, into branch: inout BranchPlan, what: String) {
    if node.isEmpty || node.items.isEmpty {
      reading.problems.add("\"broadcast\" of \(what) names no sink", at: node.place)
      return
    }
    for item in node.items {
      switch item.content {
      case .scalar:
        guard let text = reading.text(of: item, what: "a sink") else { continue }
        take(roster.use(text), at: item.place, into: &branch)
      case .mapping(let entries):
        if entries.contains(where: { $0.key == "grep" || $0.key == "broadcast" }) {
          if let inner = reading.mapping(item, what: "branch", { read(&$0, what: "a branch") }) {
            branch.branches.append(inner)
          }
        } else {
          take(roster.use(item, entries: entries), at: entries.first?.keyPlace ?? item.place, into: &branch)
        }
      case .list:
        reading.problems.add("an item of broadcast must be a sink or a branch, not a list", at: item.place)
      case .reported: break
      }
    }
  }

  private mutating func take(_ sink: Int?, at place: Place, into branch: inout BranchPlan) {
    guard let sink else { return }
    uses.append(Use(sink: sink, place: place))
    if !branch.sinks.contains(sink) { branch.sinks.append(sink) }
  }
}
