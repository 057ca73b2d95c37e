/// Gives pipelines what former ones of other names have in the database. Within a transaction.
struct PipelineSuccession {
  private struct Row {
    let id: Int64
    let name: String
    let hasView: Bool
  }

  private let connection: StoreConnection
  private let setPlan: Statement
  /// What is written, by the pipelines' numbers.
  private var plans: [Int64: String] = [:]
  /// Those that were not taken over, by their plans.
  private var rows: [String: [Row]] = [:]

  /// Reads all pipelines of the database: there may be a thousand, and as many to settle.
  init(_ connection: StoreConnection) throws(SQLiteError) {
    self.connection = connection
    setPlan = try connection.database.prepare("UPDATE pipeline SET plan = ?2 WHERE id = ?1")
    let all = try connection.database.prepare(
      "SELECT id, name, view IS NOT NULL, plan FROM pipeline WHERE plan IS NOT NULL")
    while try all.step() {
      let row = Row(id: all.integer(0), name: all.text(1), hasView: all.integer(2) == 1)
      plans[row.id] = all.text(3)
      rows[all.text(3), default: []].append(row)
    }
  }

  /// Whether all is as it has to be: the pipeline is there, and its plan is written. Changes nothing.
  func isSettled(_ claim: PipelineClaim) throws(SQLiteError) -> Bool {
    guard let id = try connection.names.knownPipeline(claim.label.name) else { return false }
    return plans[id] == claim.plan
  }

  /// Writes the pipeline's plan, and takes over what it is heir to.
  ///
  /// - Returns: the former name; nil if nothing was taken over.
  mutating func settle(_ claim: PipelineClaim) throws -> String? {
    let own = try connection.names.pipeline(claim.label.name)
    guard let former = soleFormer(of: claim, beside: own), try !isUsed(own) else {
      try setPlan.bind(own, at: 1)
      try setPlan.bind(claim.plan, at: 2)
      try setPlan.run()
      return nil
    }
    rows[claim.plan]?.removeAll { $0.id == former.id }
    let register = PipelineRegister(connection: connection)
    let hadView = try register.dropView(named: claim.label.name, id: own)
    try connection.database.execute("DELETE FROM pipeline WHERE id = \(own)")
    _ = try register.dropView(named: former.name, id: former.id)
    try rename(former.id, to: claim.label.name)
    connection.names.forget()
    if hadView || former.hasView { try register.register([claim.label]) }
    return former.name
  }

  /// The one pipeline with this plan that the config has no more.
  private func soleFormer(of claim: PipelineClaim, beside own: Int64) -> Row? {
    let found = (rows[claim.plan] ?? []).filter {
      $0.id != own && !claim.present.contains($0.name.nameKey)
    }
    return found.count == 1 ? found[0] : nil
  }

  /// Whether something was stored under the name. Asked only where there is a former one: it may go through all rows.
  private func isUsed(_ id: Int64) throws(SQLiteError) -> Bool {
    try connection.database.integer(
      """
      SELECT started OR EXISTS(SELECT 1 FROM checkpoint WHERE pipeline = \(id))
        OR EXISTS(SELECT 1 FROM count WHERE pipeline = \(id)) OR EXISTS(SELECT 1 FROM match WHERE pipeline = \(id))
      FROM pipeline WHERE id = \(id)
      """) != 0
  }

  private func rename(_ id: Int64, to name: String) throws(SQLiteError) {
    let rename = try connection.database.prepare("UPDATE pipeline SET name = ?2, view = NULL WHERE id = ?1")
    try rename.bind(id, at: 1)
    try rename.bind(name, at: 2)
    try rename.run()
  }
}
