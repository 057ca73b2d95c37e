/// Places in a row, the one that was used least recently first. Adding, removing and moving to the end take the same
/// time in any row, and no memory of their own while it does not grow.
struct UseOrder<Element> {
  private struct Link {
    /// nil: the place is free, and `after` is another free one.
    var element: Element?
    var before: Int32?
    var after: Int32?
  }

  private var links: [Link] = []
  private var firstFree: Int32?
  private var first: Int32?
  private var last: Int32?
  private(set) var count = 0

  /// Where the element stands that was used least recently.
  var oldest: Int? { first.map(Int.init) }

  /// The element at a place that is in use.
  subscript(place: Int) -> Element {
    guard links.indices.contains(place), let element = links[place].element else {
      preconditionFailure("nothing is at place \(place)")
    }
    return element
  }

  /// Puts an element at the end.
  ///
  /// - Returns: its place, for ``remove(_:)``.
  mutating func append(_ element: Element) -> Int {
    let link = Link(element: element, before: last, after: nil)
    let place = firstFree ?? Int32(links.count)
    if firstFree == nil {
      links.append(link)
    } else {
      firstFree = links[Int(place)].after
      links[Int(place)] = link
    }
    if let last { links[Int(last)].after = place } else { first = place }
    last = place
    count += 1
    return Int(place)
  }

  /// Takes out what is at a place that is in use.
  mutating func remove(_ place: Int) {
    precondition(links[place].element != nil, "nothing is at place \(place)")
    let (before, after) = (links[place].before, links[place].after)
    if let before { links[Int(before)].after = after } else { first = after }
    if let after { links[Int(after)].before = before } else { last = before }
    links[place] = Link(element: nil, before: nil, after: firstFree)
    firstFree = Int32(place)
    count -= 1
  }
}
