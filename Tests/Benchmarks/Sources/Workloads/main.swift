import Glibc

func complain(_ text: String) {
  let line = text + "\n"
  _ = write(STDERR_FILENO, line, line.utf8.count)
}

let workloads: [any Workload] =
  CatchUp.all + [PrintAll()] + StoreAll.all + [ManyPatterns(), Latency()] + Quiet.all
  + [Trickle(), Start(), StartUntilReady(), CatchUpBesideQuiet(), StraightLine()]

do {
  let order = try Order(CommandLine.arguments)
  exit(try order.carryOut(workloads, on: Bench(order)))
} catch {
  complain("workloads: \((error as? Failure)?.text ?? "\(error)")")
  exit(1)
}
