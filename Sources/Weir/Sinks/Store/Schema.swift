/// The tables and views of a store, and the steps from each version to the next.
///
/// Times are whole milliseconds since 1970, UTC; views show them as ISO 8601. Unsigned 64-bit numbers (device, inode,
/// hashes) are kept as the signed number of the same bits, as SQLite has no other. Names of sinks and pipelines are
/// the same without regard to case. A checkpoint of device -1 is of a file whose inode is another file's by now; its
/// inode number is made of its path and its former numbers.
struct Schema: Sendable {
  /// What each version added: `steps[0]` makes version 1 of an empty file, `steps[1]` version 2 of that.
  /// A step that was released is never edited; a later one is added.
  let steps: [String]

  /// What this program writes.
  static let current = Schema(steps: [tables + views, agesAndPlans, endsOfFiles, formerFiles, gapsOfTheSameRange])

  /// The version that `steps` lead to: `meta` has it under the key `schema`.
  var version: Int { steps.count }

  /// Names that views of pipelines cannot have.
  static let reservedNames: Set<String> = [
    "meta", "pipeline", "file", "match", "checkpoint", "count", "gap", "timing", "reject",
    "checkpoint_former", "checkpoint_former_of_file", "matches", "lines", "counts", "gaps", "timings", "rejects",
  ]

  /// SQL for `column`, in milliseconds, as ISO 8601 with milliseconds and `Z`.
  static func isoTime(_ column: String) -> String {
    "strftime('%Y-%m-%dT%H:%M:%fZ', \(column) / 1000.0, 'unixepoch')"
  }

  private static let tables = """
    CREATE TABLE meta(key TEXT PRIMARY KEY, value) WITHOUT ROWID;

    -- started: whether it has run; view: the SQL of its view, as weir made it.
    CREATE TABLE pipeline(
      id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE COLLATE NOCASE,
      started INTEGER NOT NULL DEFAULT 0, view TEXT);

    -- path: with U+FFFD where it is not UTF-8, and then whole in raw; else raw is empty.
    CREATE TABLE file(id INTEGER PRIMARY KEY, path TEXT NOT NULL, raw BLOB NOT NULL, UNIQUE(path, raw));

    -- kind: 0 match, 1 before, 2 after. Columns that are mostly NULL stand last.
    CREATE TABLE match(
      id INTEGER PRIMARY KEY, time INTEGER NOT NULL, pipeline INTEGER NOT NULL, file INTEGER NOT NULL,
      offset INTEGER NOT NULL, truncated INTEGER NOT NULL, kind INTEGER NOT NULL DEFAULT 0,
      line TEXT NOT NULL, fields TEXT, raw BLOB, group_id INTEGER);

    CREATE TABLE checkpoint(
      sink TEXT NOT NULL COLLATE NOCASE, pipeline INTEGER NOT NULL, device INTEGER NOT NULL, inode INTEGER NOT NULL,
      file INTEGER NOT NULL, head_bytes INTEGER NOT NULL, head_hash INTEGER NOT NULL, offset INTEGER NOT NULL,
      marker_bytes INTEGER NOT NULL, marker_hash INTEGER NOT NULL,
      PRIMARY KEY(sink, pipeline, device, inode)) WITHOUT ROWID;

    -- window: its start; -1 for a counter that counts without windows.
    CREATE TABLE count(
      counter TEXT NOT NULL COLLATE NOCASE, pipeline INTEGER NOT NULL, window INTEGER NOT NULL, labels TEXT NOT NULL,
      value INTEGER NOT NULL, PRIMARY KEY(counter, pipeline, window, labels)) WITHOUT ROWID;

    CREATE TABLE gap(
      id INTEGER PRIMARY KEY, time INTEGER NOT NULL, pipeline INTEGER NOT NULL, file INTEGER NOT NULL,
      device INTEGER NOT NULL, inode INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
      reason TEXT NOT NULL, UNIQUE(pipeline, file, device, inode, first, last, reason));

    CREATE TABLE timing(
      minute INTEGER NOT NULL, pipeline INTEGER NOT NULL, stage TEXT NOT NULL, batches INTEGER NOT NULL,
      p50_us INTEGER NOT NULL, p99_us INTEGER NOT NULL, max_us INTEGER NOT NULL,
      PRIMARY KEY(minute, pipeline, stage)) WITHOUT ROWID;

    CREATE TABLE reject(
      id INTEGER PRIMARY KEY, time INTEGER NOT NULL, pipeline INTEGER NOT NULL, file INTEGER NOT NULL,
      offset INTEGER NOT NULL, line TEXT NOT NULL, error TEXT NOT NULL);

    """

  /// Version 2.
  private static let agesAndPlans = """
    -- touched: when it was set last, or its file was followed; 0: not known.
    ALTER TABLE checkpoint ADD COLUMN touched INTEGER NOT NULL DEFAULT 0;

    -- plan: a hash of its follow and grep, by which a pipeline that was renamed is known.
    ALTER TABLE pipeline ADD COLUMN plan TEXT;

    -- What tells this database from another that takes its place.
    INSERT INTO meta(key, value) VALUES('database', lower(hex(randomblob(8))));
    """

  /// Version 3.
  private static let endsOfFiles = """
    -- done: nothing more is expected of the file. Of what was there before nobody knows. read: when what lies before
    -- the offset was read, in milliseconds.
    ALTER TABLE checkpoint ADD COLUMN done INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE checkpoint ADD COLUMN read INTEGER NOT NULL DEFAULT 0;
    UPDATE checkpoint SET done = 1;
    """

  /// Version 4.
  private static let formerFiles = """
    -- What a checkpoint was before it became that of another content of its path, in the same inode: by that a copy
    -- that a rotation made of it is known. ended: when the first of the next was read, in milliseconds.
    DROP VIEW IF EXISTS checkpoint_former;
    UPDATE pipeline SET view = NULL WHERE name = 'checkpoint_former';
    CREATE TABLE checkpoint_former(
      id INTEGER PRIMARY KEY, sink TEXT NOT NULL COLLATE NOCASE, pipeline INTEGER NOT NULL, file INTEGER NOT NULL,
      device INTEGER NOT NULL, inode INTEGER NOT NULL, head_bytes INTEGER NOT NULL, head_hash INTEGER NOT NULL,
      offset INTEGER NOT NULL, marker_bytes INTEGER NOT NULL, marker_hash INTEGER NOT NULL, read INTEGER NOT NULL,
      ended INTEGER NOT NULL);
    CREATE INDEX checkpoint_former_of_file ON checkpoint_former(sink, pipeline, file);

    CREATE TRIGGER checkpoint_became_former BEFORE UPDATE OF file, offset, head_bytes, head_hash ON checkpoint
    WHEN OLD.offset > 0 AND NEW.file = OLD.file AND (NEW.offset < OLD.offset OR NEW.head_bytes < OLD.head_bytes
      OR NEW.head_bytes = OLD.head_bytes AND NEW.head_hash != OLD.head_hash)
    BEGIN
      INSERT INTO checkpoint_former(sink, pipeline, file, device, inode, head_bytes, head_hash, offset, marker_bytes,
        marker_hash, read, ended)
      VALUES(OLD.sink, OLD.pipeline, OLD.file, OLD.device, OLD.inode, OLD.head_bytes, OLD.head_hash, OLD.offset,
        OLD.marker_bytes, OLD.marker_hash, OLD.read, max(NEW.read, OLD.read, 1));
      DELETE FROM checkpoint_former WHERE sink = OLD.sink AND pipeline = OLD.pipeline AND file = OLD.file AND id <= (
        SELECT id FROM checkpoint_former WHERE sink = OLD.sink AND pipeline = OLD.pipeline AND file = OLD.file
        ORDER BY id DESC LIMIT 1 OFFSET \(FormerCheckpoint.countLimit));
    END;
    """

  /// Version 5.
  private static let gapsOfTheSameRange = """
    -- once: when the range was lost, where the same one may be lost again; 0 where it is only told of again.
    -- The table in between is of a name that no pipeline, and so no view, has: those hold no control characters.
    CREATE TABLE "gap\u{1}before" AS SELECT * FROM gap;
    DROP TABLE gap;
    CREATE TABLE gap(
      id INTEGER PRIMARY KEY, time INTEGER NOT NULL, pipeline INTEGER NOT NULL, file INTEGER NOT NULL,
      device INTEGER NOT NULL, inode INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
      reason TEXT NOT NULL, once INTEGER NOT NULL, UNIQUE(pipeline, file, device, inode, first, last, reason, once));
    INSERT INTO gap SELECT id, time, pipeline, file, device, inode, first, last, reason, 0 FROM "gap\u{1}before";
    DROP TABLE "gap\u{1}before";
    """

  /// CROSS JOIN has SQLite walk the first table in its order, so that "the last 20" reads 20 rows.
  private static let views = """
    CREATE VIEW matches AS
      SELECT m.id AS id, \(isoTime("m.time")) AS time, p.name AS pipeline, f.path AS path, m.offset AS offset,
        m.line AS line, m.fields AS fields, m.raw AS raw, m.truncated AS truncated
      FROM match AS m CROSS JOIN pipeline AS p ON p.id = m.pipeline CROSS JOIN file AS f ON f.id = m.file
      WHERE m.kind = 0;

    CREATE VIEW lines AS
      SELECT m.id AS id, \(isoTime("m.time")) AS time, p.name AS pipeline, f.path AS path, m.offset AS offset,
        m.line AS line, m.fields AS fields, m.raw AS raw, m.truncated AS truncated,
        CASE m.kind WHEN 0 THEN 'match' WHEN 1 THEN 'before' ELSE 'after' END AS kind, m.group_id AS group_id
      FROM match AS m CROSS JOIN pipeline AS p ON p.id = m.pipeline CROSS JOIN file AS f ON f.id = m.file;

    CREATE VIEW counts AS
      SELECT c.counter AS counter, p.name AS pipeline,
        CASE WHEN c.window >= 0 THEN \(isoTime("c.window")) END AS window, c.labels AS labels, c.value AS value
      FROM count AS c CROSS JOIN pipeline AS p ON p.id = c.pipeline;

    CREATE VIEW gaps AS
      SELECT \(isoTime("g.time")) AS time, p.name AS pipeline, f.path AS path, g.first AS first, g.last AS last,
        g.reason AS reason
      FROM gap AS g CROSS JOIN pipeline AS p ON p.id = g.pipeline CROSS JOIN file AS f ON f.id = g.file;

    CREATE VIEW timings AS
      SELECT \(isoTime("t.minute")) AS minute, p.name AS pipeline, t.stage AS stage, t.batches AS batches,
        t.p50_us AS p50_us, t.p99_us AS p99_us, t.max_us AS max_us
      FROM timing AS t CROSS JOIN pipeline AS p ON p.id = t.pipeline;

    CREATE VIEW rejects AS
      SELECT \(isoTime("r.time")) AS time, p.name AS pipeline, f.path AS path, r.offset AS offset, r.line AS line,
        r.error AS error
      FROM reject AS r CROSS JOIN pipeline AS p ON p.id = r.pipeline CROSS JOIN file AS f ON f.id = r.file;

    """
}
