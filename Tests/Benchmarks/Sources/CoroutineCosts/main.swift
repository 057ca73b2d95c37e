import Coroutines
import Glibc

/// Measures everything in turns, so that what else the machine does falls on all alike.
func table(_ rounds: Int, peers: String) throws -> Table {
  let python = isInstalled("python3") ? "python3 '\(peers)'" : nil
  if python == nil { complain("python3 is not there: its rows are left out") }
  var table = Table()
  for round in 1...rounds {
    complain("round \(round) of \(rounds)")
    for operation in Operation.all { table.add(try operation.measure(operation.count), to: operation.name) }
    guard let python else { continue }
    guard let figures = Figure.all(of: python) else { fail("\(peers) failed") }
    for figure in figures { table.add(figure.value, to: figure.name) }
  }
  return table
}

func memory(program: String) -> [Memory: Int] {
  Memory.allCases.reduce(into: [:]) { figures, memory in
    let command = "'\(program)' memory \(memory.rawValue)"
    guard let figure = Figure.all(of: command)?.first else { fail("\(command) failed") }
    figures[memory] = Int(figure.value)
  }
}

func complain(_ text: String) {
  let line = text + "\n"
  _ = write(STDERR_FILENO, line, line.utf8.count)
}

func fail(_ text: String) -> Never {
  complain("coroutine-costs: \(text)")
  exit(1)
}

/// All figures and goals.
///
/// - Returns: the exit status.
func report(program: String, peers: String, rounds: Int) throws -> Int32 {
  let table = try table(rounds, peers: peers)
  let goals = Goals(table: table, memory: memory(program: program))
  print(table.markdown(unit: table.rows.first { $0.name == Operation.send.name }!), "\n")
  for line in goals.memoryLines { print("- \(line)") }
  print("- \(goals.remark)")
  for sentence in goals.missed { complain("missed: \(sentence)") }
  return goals.missed.isEmpty ? 0 : 1
}

let arguments = CommandLine.arguments
switch arguments.dropFirst().first {
case "table" where arguments.count == 4:
  guard let rounds = Int(arguments[3]), rounds > 0 else { fail("\(arguments[3]) is no number of rounds") }
  exit(try report(program: arguments[0], peers: arguments[2], rounds: rounds))
case "memory" where arguments.count == 3:
  guard let memory = Memory(rawValue: arguments[2]) else { fail("\(arguments[2]) is no figure of memory") }
  print("\(memory.rawValue)\t\(try memory.measure())")
case "only" where arguments.count == 4:  // for a profiler: the operations with these words in their name, so often
  guard let count = Int(arguments[3]), count > 0 else { fail("\(arguments[3]) is no count") }
  for operation in Operation.all where operation.name.contains(arguments[2]) {
    print("\(operation.name)\t\(try operation.measure(count))")
  }
default:
  fail("usage: coroutine-costs table PEERS ROUNDS | memory growth|coroutines|generators | only NAME COUNT")
}
