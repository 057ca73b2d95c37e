/// Writes the lines of deliveries as rows of `match`.
///
/// The store's hot path: per line a few binds and one step, bytes bound where they are, nothing allocated.
final class MatchTable {
  /// Parameters of the insert.
  private enum Parameter {
    static let time: Int32 = 1, pipeline: Int32 = 2, file: Int32 = 3, truncated: Int32 = 4
    static let offset: Int32 = 5, line: Int32 = 6, fields: Int32 = 7, raw: Int32 = 8
  }

  private let database: Database
  private let insert: Statement
  private let json = Scratch()
  private let repaired = Scratch()
  /// The pipeline of the last delivery and its fields' writer: batches of a pipeline mostly follow each other.
  private var last: (label: PipelineLabel, fields: FieldsJSON)?

  init(_ database: Database) throws(SQLiteError) {
    self.database = database
    insert = try database.prepare(
      "INSERT INTO match(time, pipeline, file, truncated, offset, line, fields, raw) VALUES(?1,?2,?3,?4,?5,?6,?7,?8)")
  }

  /// Inserts every line of `delivery`, in order, within a transaction.
  ///
  /// - Parameter refused: is told the place and the error of each line that SQLite refuses for good.
  /// - Throws: any other error; the transaction has to be rolled back.
  func insert(
    _ delivery: Delivery, pipeline: Int64, file: Int64, refused: (Int, SQLiteError) throws(SQLiteError) -> Void
  ) throws(SQLiteError) {
    let batch = delivery.batch
    try insert.bind(batch.readAtMilliseconds, at: Parameter.time)
    try insert.bind(pipeline, at: Parameter.pipeline)
    try insert.bind(file, at: Parameter.file)
    try insert.bind(batch.isTruncated ? 1 : 0, at: Parameter.truncated)
    try insert.bindNull(at: Parameter.raw)
    try insert.bindNull(at: Parameter.fields)
    let fields = fieldsWriter(for: delivery.pipeline)
    try batch.withBytes { (bytes) throws(SQLiteError) in
      // Whole lines of valid UTF-8 are valid UTF-8: one look at the batch spares one at each line, where they are many.
      let lineBytes = delivery.selection.lines.reduce(0) { $0 + Int($1.end - $1.start) }
      let isAllValid = lineBytes > bytes.count / 4 && UTF8Text.isValid(bytes)
      for index in delivery.selection.lines.indices {
        do throws(SQLiteError) {
          try insertLine(index, of: delivery, bytes: bytes, isValid: isAllValid, fields: fields)
        } catch  where error.refusesRow && database.isInTransaction {
          try refused(index, error)
        }
      }
    }
  }

  private func insertLine(
    _ index: Int, of delivery: Delivery, bytes: UnsafeRawBufferPointer, isValid: Bool, fields: FieldsJSON?
  ) throws(SQLiteError) {
    let line = delivery.selection.lines[index]
    let text = bytes.part(line.start, line.end)
    try insert.bind(Int64(bitPattern: delivery.batch.start &+ UInt64(line.start)), at: Parameter.offset)
    if let fields {
      fields.write(delivery.selection, line: index, of: bytes, to: json)
      try insert.bindText(json.bytes, at: Parameter.fields)
    }
    if isValid || UTF8Text.isValid(text) {
      try insert.bindText(text, at: Parameter.line)
      return try insert.run()
    }
    repaired.removeAll()
    UTF8Text.appendRepaired(text, to: repaired)
    try insert.bindText(repaired.bytes, at: Parameter.line)
    try insert.bindBlob(text, at: Parameter.raw)
    let outcome = Result { () throws(SQLiteError) in try insert.run() }
    try insert.bindNull(at: Parameter.raw)
    try outcome.get()
  }

  private func fieldsWriter(for label: PipelineLabel) -> FieldsJSON? {
    if label.fields.isEmpty { return nil }
    if let last, last.label === label { return last.fields }
    let fields = FieldsJSON(names: label.fields)
    last = (label, fields)
    return fields
  }
}
