/// Text that is told by its bytes: Swift takes texts for equal that differ in their normal form, which a log, a pattern
/// and a database tell apart.
struct ByteText: Hashable {
  let text: String

  init(_ text: String) { self.text = text }

  static func == (left: ByteText, right: ByteText) -> Bool { left.text.utf8.elementsEqual(right.text.utf8) }

  func hash(into hasher: inout Hasher) {
    var text = text
    text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
  }
}

/// The name of a pipeline or a sink as it is told from others, and by the database: see `String.nameKey`.
struct NameText: Hashable {
  let text: String

  init(_ text: String) { self.text = text }

  static func == (left: NameText, right: NameText) -> Bool {
    left.text.utf8.count == right.text.utf8.count
      && zip(left.text.utf8, right.text.utf8).allSatisfy { folded($0) == folded($1) }
  }

  func hash(into hasher: inout Hasher) {
    var sum: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in text.utf8 { sum = (sum ^ UInt64(Self.folded(byte))) &* 0x100_0000_01B3 }
    hasher.combine(sum)
  }

  private static func folded(_ byte: UInt8) -> UInt8 {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
  }
}

extension PipelineLabel {
  /// Whether both are the same bytes.
  static func isSame(_ one: PipelineLabel, _ other: PipelineLabel) -> Bool {
    ByteText(one.name) == ByteText(other.name) && one.fields.map(ByteText.init) == other.fields.map(ByteText.init)
  }
}

extension String {
  /// What tells the name of a pipeline or a sink, as the database does: by bytes, and without regard to the case of
  /// ASCII letters. Of ASCII alone, so that Swift tells keys so too; to compare with other keys, and not to show.
  var nameKey: String {
    var key: [UInt8] = []
    key.reserveCapacity(utf8.count)
    for byte in utf8 {
      switch byte {
      case UInt8(ascii: "A")...UInt8(ascii: "Z"): key.append(byte | 0x20)
      case UInt8(ascii: "%"), 0x80...:
        key.append(UInt8(ascii: "%"))
        for half in [byte >> 4, byte & 15] { key.append(half < 10 ? 48 + half : 87 + half) }
      default: key.append(byte)
      }
    }
    return String(decoding: key, as: UTF8.self)
  }
}
