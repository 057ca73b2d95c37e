/// A text of a config, environment filled in, that still knows where each of its characters stands.
struct ConfigText {
  let text: String
  /// Where an error about all of it points.
  let place: Place
  private let scalar: YAMLScalar
  private let origins: [Int]

  /// - Returns: nil if the environment lacks something (then reported).
  init?(_ scalar: YAMLScalar, at place: Place, reading: ConfigReading) {
    let filled = EnvironmentText(scalar.value, environment: reading.environment)
    self.text = filled.text
    self.place = place
    self.scalar = scalar
    origins = filled.origins
    guard !filled.refusals.isEmpty else { return }
    let positions = ScalarOrigins(of: scalar)
    for refusal in filled.refusals {
      let start = positions.position(of: refusal.range.lowerBound)
      let end = positions.position(of: refusal.range.upperBound - 1) + 1
      reading.problems.add(refusal.message, at: scalar.place.source.place(start..<max(start, end)))
    }
    return nil
  }

  /// Whether it was written as a block (`|` or `>`), whose last line feed is YAML's rather than the user's.
  var isBlock: Bool { scalar.style == .literal || scalar.style == .folded }

  /// The character at an offset into the text's UTF-8; an offset at or behind the end is its last character's.
  func place(ofByte offset: Int) -> Place {
    let scalarCount = text.unicodeScalars.count
    let before = String(decoding: text.utf8.prefix(max(0, offset)), as: UTF8.self).unicodeScalars.count
    let index = max(0, min(before, scalarCount - 1))
    let position = ScalarOrigins(of: scalar).position(of: origins.indices.contains(index) ? origins[index] : index)
    return scalar.place.source.place(position..<position)
  }
}
