import SystemPackage

/// What a rotation made of a followed file's name: it added a number or a date.
struct RotatedName: Equatable {
  /// The name with `#` for each run of digits.
  let shape: String
  /// Whether it is compressed, by its name.
  let isCompressed: Bool
  private let digits: String
  /// At least, where they follow the name at once: a year, a month and a day.
  private static let digitsOfDate = 6
  /// At most.
  private static let digitsOfNumber = 4

  /// - Returns: nil if no rotation makes such a name of `original`'s.
  init?(_ path: FilePath, of original: FilePath) {
    guard let full = original.lastComponent?.string, let stem = original.stem, var name = path.lastComponent?.string
    else { return nil }
    isCompressed = FileContent(name: path) != .text
    if isCompressed { name = path.stem ?? name }
    let added: Substring
    if name.hasPrefix(full) {
      added = name.dropFirst(full.count)
    } else if let suffix = original.extension.map({ "." + $0 }), name.hasPrefix(stem), name.hasSuffix(suffix),
      name.count > stem.count + suffix.count
    {
      added = name.dropFirst(stem.count).dropLast(suffix.count)
    } else {
      return nil
    }
    guard added.contains(where: \.isASCIIDigit), added.allSatisfy(Self.isAdded) else { return nil }
    // app2.log is a second one beside app.log; a date may come without a sign before it.
    let count = added.prefix { $0.isASCIIDigit }.count
    guard count == 0 || count >= Self.digitsOfDate else { return nil }
    digits = String(added.filter(\.isASCIIDigit))
    var shape = ""
    for character in added where !(character.isASCIIDigit && shape.last == "#") {
      shape.append(character.isASCIIDigit ? "#" : character)
    }
    self.shape = (name.hasPrefix(full) ? full : stem) + shape
  }

  /// Whether numbers and dates are written with it.
  static func isAdded(_ character: Character) -> Bool {
    character.isASCIIDigit || "-._:TZ+".contains(character)
  }

  /// What it was numbered with; nil for a date.
  var number: Int? { digits.count <= Self.digitsOfNumber ? Int(digits) : nil }

  /// Whether a date can be told from it that grows with time: a year, a month and what follows, or seconds since 1970.
  var isDated: Bool {
    if digits.count == 10, "12".contains(digits.first!) { return true }
    let (year, month) = (Int(digits.prefix(4)) ?? 0, Int(digits.dropFirst(4).prefix(2)) ?? 0)
    return digits.count >= Self.digitsOfDate && (1970...2199).contains(year) && (1...12).contains(month)
  }

  /// Whether it was rotated away later, by the name alone: numbers are counted up with each rotation, dates grow.
  func isLater(than other: RotatedName) -> Bool {
    if let number, let others = other.number { return number < others }
    return (digits.count, digits) > (other.digits.count, other.digits)
  }
}

extension Character {
  var isASCIIDigit: Bool { ("0"..."9").contains(self) }
}
