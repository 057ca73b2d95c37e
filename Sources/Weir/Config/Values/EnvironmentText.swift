/// Fills `${NAME}` and `${NAME:-default}` in from the environment; `$${` stands for `${`, any other `$` for itself.
struct EnvironmentText {
  /// What is wrong, with the scalars of the value that it is about.
  struct Refusal {
    let message: String
    let range: Range<Int>
  }

  /// The value with everything filled in; what is refused is left out.
  private(set) var text = ""
  /// For each scalar of `text`, which scalar of the value it is from; empty where nothing was filled in.
  private(set) var origins: [Int] = []
  private(set) var refusals: [Refusal] = []
  private let environment: [String: String]
  private let scalars: [Unicode.Scalar]

  init(_ value: String, environment: [String: String]) {
    self.environment = environment
    guard value.utf8.contains(UInt8(ascii: "$")), value.contains("${") else {
      text = value
      scalars = []
      return
    }
    scalars = Array(value.unicodeScalars)
    var filled = String.UnicodeScalarView()
    var index = 0
    while index < scalars.count {
      if starts(with: "$${", at: index) {
        take("${", from: index, into: &filled)
        index += 3
      } else if starts(with: "${", at: index) {
        index = substitute(at: index, into: &filled)
      } else {
        filled.append(scalars[index])
        origins.append(index)
        index += 1
      }
    }
    text = String(filled)
  }

  /// Takes the reference that begins at `start`; returns where it ends.
  private mutating func substitute(at start: Int, into filled: inout String.UnicodeScalarView) -> Int {
    guard let close = scalars[start...].firstIndex(of: "}") else {
      refuse("\"${\" without \"}\"; write \"$${\" where it stands for itself", start..<(start + 2))
      return scalars.count
    }
    let body = scalars[(start + 2)..<close]
    let name = body.prefix { $0 == "_" || ($0.isASCII && ($0.properties.isAlphabetic || $0.isDigit)) }
    let rest = body.dropFirst(name.count)
    let isName = name.first.map { !$0.isDigit } ?? false
    guard isName, rest.isEmpty || rest.starts(with: ":-".unicodeScalars) else {
      refuse("not ${NAME} or ${NAME:-default}; write \"$${\" where \"${\" stands for itself", start..<(close + 1))
      return close + 1
    }
    let key = String(String.UnicodeScalarView(name))
    let value = environment[key]
    if rest.isEmpty {
      if let value {
        take(value, from: start, into: &filled)
      } else {
        refuse("environment variable \(key) is not set", start..<(close + 1))
      }
    } else if let value, !value.isEmpty {
      take(value, from: start, into: &filled)
    } else {
      for index in rest.indices.dropFirst(2) {
        filled.append(scalars[index])
        origins.append(index)
      }
    }
    return close + 1
  }

  private func starts(with prefix: String, at index: Int) -> Bool {
    scalars[index...].starts(with: prefix.unicodeScalars)
  }

  private mutating func take(_ text: String, from index: Int, into filled: inout String.UnicodeScalarView) {
    for scalar in text.unicodeScalars {
      filled.append(scalar)
      origins.append(index)
    }
  }

  private mutating func refuse(_ message: String, _ range: Range<Int>) {
    refusals.append(Refusal(message: message, range: range))
  }
}

extension Unicode.Scalar {
  fileprivate var isDigit: Bool { ("0"..."9").contains(self) }
}
