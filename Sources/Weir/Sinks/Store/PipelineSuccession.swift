/// Gives a pipeline what a former one of another name has in the database. Within a transaction.
struct PipelineSuccession {
  let connection: StoreConnection
  let claim: PipelineClaim

  private struct Row {
    let id: Int64
    let name: String
    let hasView: Bool
  }

  /// Whether all is as it has to be: the pipeline is there, and its plan is written. Changes nothing.
  func isSettled() throws(SQLiteError) -> Bool {
    guard let id = try connection.names.knownPipeline(claim.label.name) else { return false }
    return try connection.database.text("SELECT plan FROM pipeline WHERE id = \(id)") == claim.plan
  }

  /// Writes the pipeline's plan, and takes over what it is heir to.
  ///
  /// - Returns: the former name; nil if nothing was taken over.
  func settle() throws -> String? {
    let own = try connection.names.pipeline(claim.label.name)
    let former = try soleFormer(beside: own)
    guard let former, try !isUsed(own) else {
      try setPlan(of: own)
      return nil
    }
    let register = PipelineRegister(connection: connection)
    let hadView = try register.dropView(named: claim.label.name, id: own)
    try connection.database.execute("DELETE FROM pipeline WHERE id = \(own)")
    _ = try register.dropView(named: former.name, id: former.id)
    try rename(former.id)
    connection.names.forget()
    if hadView || former.hasView { try register.register([claim.label]) }
    return former.name
  }

  /// The one pipeline with this plan that the config has no more.
  private func soleFormer(beside own: Int64) throws(SQLiteError) -> Row? {
    let find = try connection.database.prepare(
      "SELECT id, name, view IS NOT NULL FROM pipeline WHERE plan = ?1 AND id != ?2")
    try find.bind(claim.plan, at: 1)
    try find.bind(own, at: 2)
    defer { find.reset() }
    var found: [Row] = []
    while try find.step() {
      let row = Row(id: find.integer(0), name: find.text(1), hasView: find.integer(2) == 1)
      if !claim.present.contains(row.name.lowercased()) { found.append(row) }
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

  private func setPlan(of id: Int64) throws(SQLiteError) {
    let set = try connection.database.prepare("UPDATE pipeline SET plan = ?2 WHERE id = ?1")
    try set.bind(id, at: 1)
    try set.bind(claim.plan, at: 2)
    try set.run()
  }

  private func rename(_ id: Int64) throws(SQLiteError) {
    let rename = try connection.database.prepare("UPDATE pipeline SET name = ?2, view = NULL WHERE id = ?1")
    try rename.bind(id, at: 1)
    try rename.bind(claim.label.name, at: 2)
    try rename.run()
  }
}
