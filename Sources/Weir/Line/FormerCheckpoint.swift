/// Where a sink was in what a path had before, in the same inode: before a file was truncated or written anew.
public struct FormerCheckpoint: Sendable {
  /// So many are kept of each path and sink: more copies than these are rarely looked at again.
  public static let countLimit = 64

  /// Where it was at the end.
  public let checkpoint: Checkpoint
  /// When the first of what came after it was read, milliseconds since 1970.
  public let endedAtMilliseconds: Int64

  /// A place that is left.
  public init(checkpoint: Checkpoint, endedAtMilliseconds: Int64) {
    self.checkpoint = checkpoint
    self.endedAtMilliseconds = endedAtMilliseconds
  }
}
