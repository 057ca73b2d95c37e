import OrderedCollections

/// Reads `pipelines:` of all files, then gives names to those without.
struct PipelineReader {
  private struct Draft {
    let name: String?
    let follow: [FollowPlan]
    let trunk: BranchPlan
    let branches: BranchReader
  }

  private let reading: ConfigReading
  private let roster: SinkRoster
  private var drafts: [Draft] = []
  private var names: [String: Place] = [:]

  init(reading: ConfigReading, roster: SinkRoster) {
    self.reading = reading
    self.roster = roster
  }

  /// How many were there, right or wrong.
  private(set) var count = 0

  mutating func read(_ node: YAMLNode) {
    guard !node.isEmpty else { return }
    for item in node.items {
      count += 1
      if item.isEmpty {
        reading.problems.add("a pipeline must be a mapping, not nothing", at: item.place)
        continue
      }
      if let draft = reading.mapping(item, what: "pipeline", { readPipeline(&$0) }) { drafts.append(draft) }
    }
  }

  private mutating func readPipeline(_ mapping: inout ConfigMapping) -> Draft {
    let name = readName(&mapping)
    let follow = mapping.required("follow", "a pipeline needs \"follow\": the files to read")
    var branches = BranchReader(reading: reading, roster: roster)
    let trunk = branches.read(&mapping, what: "a pipeline")
    return Draft(
      name: name, follow: follow.map { FollowReader(reading: reading).read($0) } ?? [], trunk: trunk,
      branches: branches)
  }

  private mutating func readName(_ mapping: inout ConfigMapping) -> String? {
    guard let name = mapping.configText("name") else { return nil }
    if let problem = ConfigName.pipelineProblem(with: name.text) {
      reading.problems.add(problem, at: name.place)
    } else if let first = names[name.text.nameKey] {
      let place = first.described(from: name.place)
      reading.problems.add("pipeline \(name.text.quoted) is named already at \(place)", at: name.place)
    } else {
      names[name.text.nameKey] = name.place
    }
    return name.text
  }

  /// All pipelines in order. Reports sinks that need fields which a pipeline does not have.
  func plans() -> [PipelinePlan] {
    var taken = TakenNames(ConfigName.storeNames.union(drafts.compactMap(\.name)))
    return drafts.map { draft in
      let name =
        draft.name
        ?? taken.firstFree(ConfigName.madeUp(for: draft.follow, rules: draft.trunk.rules))
      checkFields(of: draft, name: name)
      let label = PipelineLabel(name: name, fields: draft.branches.fields.elements)
      return PipelinePlan(label: label, follow: draft.follow, trunk: draft.trunk)
    }
  }

  private func checkFields(of draft: Draft, name: String) {
    guard !draft.branches.hasBadPattern else { return }
    let fields = draft.branches.fields
    for use in draft.branches.uses {
      let choice = roster.choice(at: use.sink)
      let isInPlace = roster.givenName(at: use.sink) == nil
      var places: [String: Place]?
      for field in choice.recipe.missingFields(among: fields.elements) {
        let sink = roster.givenName(at: use.sink) ?? choice.kind.name
        let hint =
          fields.isEmpty
          ? "; no pattern of it has a named group"
          : Suggestion.phrase(for: field, in: fields.elements, otherwise: "its fields are")
        if isInPlace, places == nil { places = choice.options?.placesOfTexts }
        reading.problems.add(
          "sink \(sink.quoted) needs field \(field.quoted), which pipeline \(name.quoted) does not have\(hint)",
          at: places?[field] ?? use.place)
      }
    }
  }
}

extension YAMLNode {
  /// Where each scalar's text stands first in the value.
  fileprivate var placesOfTexts: [String: Place] {
    var places: [String: Place] = [:]
    var waiting = [self]
    while let node = waiting.popLast() {
      switch node.content {
      case .scalar(let scalar): if places[scalar.value] == nil { places[scalar.value] = node.place }
      case .list(let items): waiting += items.reversed()
      case .mapping(let entries): waiting += entries.reversed().map(\.value)
      case .reported: break
      }
    }
    return places
  }
}
