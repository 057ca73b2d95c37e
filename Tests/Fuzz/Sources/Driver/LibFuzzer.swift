import Glibc

/// What libFuzzer calls: once at the start, and then for every input.
private nonisolated(unsafe) var chosen: FuzzTarget?

/// Takes the target from `--target=NAME`; libFuzzer itself passes over what begins with two hyphens.
@_cdecl("LLVMFuzzerInitialize")
public func initialize(
  _ count: UnsafePointer<CInt>, _ arguments: UnsafePointer<UnsafePointer<UnsafePointer<CChar>>>
) -> CInt {
  let option = "--target="
  for index in 0..<Int(count.pointee) {
    let argument = String(cString: arguments.pointee[index])
    if argument.hasPrefix(option) { chosen = FuzzTarget(rawValue: String(argument.dropFirst(option.count))) }
  }
  guard chosen == nil else { return 0 }
  let names = FuzzTarget.allCases.map(\.rawValue).joined(separator: ", ")
  say("fuzz: --target=NAME is needed, one of \(names)")
  exit(64)
}

/// Tries one input. What does not hold ends the process, so that libFuzzer keeps the input.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  do throws(FuzzFinding) {
    try chosen?.check(Array(UnsafeBufferPointer(start: start, count: count)))
  } catch {
    say("\n\(error)")
    abort()
  }
  return 0
}

private func say(_ text: String) {
  _ = (text + "\n").withCString { write(STDERR_FILENO, $0, strlen($0)) }
}
