/// The databases of an agent: a file is opened once, whoever writes to it. (Filled in by the store.)
public final class StoreShelf: Sendable {
  public init() {}
}
