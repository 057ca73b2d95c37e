/// Places in a row, the one that was used least recently first. Adding, removing and moving to the end take the same
/// time in any row.
struct UseOrder<Element> {
  private struct Link {
    let element: Element
    var before: Int?
    var after: Int?
  }

  private var links: [Int: Link] = [:]
  private var lastPlace = 0
  private var newest: Int?
  /// Where the element stands that was used least recently.
  private(set) var oldest: Int?

  var count: Int { links.count }

  /// The element at a place that is in use.
  subscript(place: Int) -> Element {
    guard let link = links[place] else { preconditionFailure("nothing is at place \(place)") }
    return link.element
  }

  /// Puts an element at the end.
  ///
  /// - Returns: its place, for ``remove(_:)``.
  mutating func append(_ element: Element) -> Int {
    lastPlace += 1
    links[lastPlace] = Link(element: element, before: newest, after: nil)
    if let newest { links[newest]?.after = lastPlace } else { oldest = lastPlace }
    newest = lastPlace
    return lastPlace
  }

  mutating func remove(_ place: Int) {
    guard let link = links.removeValue(forKey: place) else { return }
    if let before = link.before { links[before]?.after = link.after } else { oldest = link.after }
    if let after = link.after { links[after]?.before = link.before } else { newest = link.before }
  }
}
