/// The lines of a batch that a filter selected, as ranges of the batch's bytes, with what named groups captured.
public struct Selection: Sendable {
  /// One selected line: offsets into the batch's bytes.
  public struct Line: Sendable, Equatable {
    /// First byte of the line.
    public let start: Int32
    /// Behind its last byte; the terminator (LF or CRLF) is not part of the line.
    public let end: Int32
    /// The first match in it; an empty range at `start` where nothing was matched for (no `match`, only `exclude`).
    public let matchStart: Int32
    /// Behind that match.
    public let matchEnd: Int32

    /// A line with these offsets.
    public init(start: Int32, end: Int32, matchStart: Int32, matchEnd: Int32) {
      self.start = start
      self.end = end
      self.matchStart = matchStart
      self.matchEnd = matchEnd
    }
  }

  /// What a named group captured: offsets into the batch's bytes; `start` is -1 where it captured nothing.
  public struct Capture: Sendable, Equatable {
    /// First byte, or -1.
    public let start: Int32
    /// Behind the last byte.
    public let end: Int32

    /// A capture with these offsets.
    public init(start: Int32, end: Int32) {
      self.start = start
      self.end = end
    }

    /// The group took no part in the match.
    public static let none = Capture(start: -1, end: -1)
  }

  /// In the order of the file, each line once.
  public var lines: [Line]
  /// `fieldCount` captures for each line, line after line; empty when `fieldCount` is 0.
  public var captures: [Capture]
  /// How many fields the pipeline has (`PipelineLabel.fields`).
  public let fieldCount: Int

  /// A selection of these lines.
  public init(lines: [Line] = [], captures: [Capture] = [], fieldCount: Int) {
    self.lines = lines
    self.captures = captures
    self.fieldCount = fieldCount
  }

  /// What field `field` captured in line `line`.
  public func capture(line: Int, field: Int) -> Capture { captures[line * fieldCount + field] }

  /// The lines from `first` on.
  public func suffix(from first: Int) -> Selection {
    Selection(
      lines: Array(lines[first...]), captures: Array(captures[(first * fieldCount)...]), fieldCount: fieldCount)
  }
}
