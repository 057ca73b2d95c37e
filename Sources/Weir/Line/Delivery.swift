/// A pipeline as its sinks know it.
public final class PipelineLabel: Sendable {
  /// Unique without regard to case.
  public let name: String
  /// The named groups of the pipeline's patterns, branches included, in order of appearance, each once.
  public let fields: [String]

  /// A label with these values.
  public init(name: String, fields: [String]) {
    self.name = name
    self.fields = fields
  }
}

/// What a sink is sent: a batch, and which of its lines are for it. A sink that has handled a delivery has taken
/// `batch.origin` up to `batch.end`, also when no line was for it: of a batch in which none is, it is told with a later
/// one while much is there to be read.
public struct Delivery: Sendable {
  /// The pipeline that selected the lines.
  public let pipeline: PipelineLabel
  /// The bytes and where they are from.
  public let batch: Batch
  /// The lines for this sink: those that it has not taken before.
  public let selection: Selection

  /// A delivery with these values.
  public init(pipeline: PipelineLabel, batch: Batch, selection: Selection) {
    self.pipeline = pipeline
    self.batch = batch
    self.selection = selection
  }
}

/// A range of a file that was not delivered, and why.
public struct Gap: Sendable, Equatable {
  /// Why bytes were not delivered; the raw value is what the `gaps` view shows.
  public enum Reason: String, Sendable {
    /// The file became shorter before they were read.
    case truncated
    /// They lie behind `max_line` in a line.
    case tooLong = "too_long"
    /// The file was rotated away and could not be found.
    case lostInRotation = "lost_in_rotation"
    /// Reading them failed.
    case unreadable
    /// The file was replaced by another before they were read.
    case replaced
    /// A hole of NULs before a line.
    case hole
  }

  /// `Origin.path`.
  public let origin: Origin
  /// The first byte not delivered.
  public let first: UInt64
  /// The last byte not delivered.
  public let last: UInt64
  /// Why.
  public let reason: Reason

  /// Whether the next run may find it once more, as by checkpoints; else the loss was seen as it happened.
  let mayBeFoundAgain: Bool

  /// A gap with these values.
  public init(origin: Origin, first: UInt64, last: UInt64, reason: Reason) {
    self.init(origin: origin, first: first, last: last, reason: reason, mayBeFoundAgain: false)
  }

  init(origin: Origin, first: UInt64, last: UInt64, reason: Reason, mayBeFoundAgain: Bool) {
    self.mayBeFoundAgain = mayBeFoundAgain
    self.origin = origin
    self.first = first
    self.last = last
    self.reason = reason
  }

  /// Equal when the same bytes of the same generation are missing for the same reason.
  public static func == (left: Gap, right: Gap) -> Bool {
    left.origin === right.origin && left.first == right.first && left.last == right.last && left.reason == right.reason
  }
}
