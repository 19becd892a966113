import DNNCommandLine
import DNNModel
import MNISTInfer

let syntax = CommandLineSyntax(
  name: "dnn-bench", summary: "measure how fast a model runs on this machine",
  examples: [
    .init("dnn-bench model.dnn", "one picture, batches, and layer by layer"),
    .init("dnn-bench --threads 2 --batch 64 --json model.dnn", "the same for programs, on two threads"),
  ],
  usage: ["[options] MODEL"],
  description: """
    Measures how fast a model runs on this machine: one picture, batches, and layer by layer. For figures that mean something,
    keep the machine quiet, and compare only what was measured in one run.
    """,
  options: [
    .init("--batch", "N", "pictures a call (default: 64 and 256)"),
    .init("--threads", "N", "threads to compute with; 0 for one a processor (default: 1)"),
    .init("--json", nil, "print one JSON object"),
  ],
  arguments: .init("MODEL", values: .file("dnn")),
  statuses: [.model, .unsupported])

runProgram(syntax) { options in
  let batch = try options.integer("--batch", in: 1...4096)
  let threads = try options.integer("--threads", in: 0...256) ?? 1
  guard options.arguments.count == 1 else { throw UsageError("give one .dnn file") }
  let path = options.arguments[0]
  do {
    let measurement = try Measurement(path: path, threads: threads, batches: batch.map { [$0] } ?? [64, 256])
    try Terminal.print(options.has("--json") ? measurement.json() : measurement.text())
  } catch let failure as Failure {
    throw ModelError(failure)
  }
  return .done
}
