import DNNCommandLine
import DNNModel
import MNISTInfer

let syntax = CommandLineSyntax(
  name: "dnn-info", summary: "show what is in a .dnn file",
  examples: [
    .init("dnn-info model.dnn", "layers, sizes, and where the model came from"),
    .init("dnn-info --verify model.dnn", "whether it runs right on this machine"),
  ],
  usage: ["[options] MODEL"],
  description: """
    Shows what is in a .dnn file, and whether it runs right on this machine.
    """,
  options: [
    .init("--json", nil, "print one JSON object"),
    .init("--verify", nil, "run the file's self-test; the exit status is 1 if it fails or there is none"),
  ],
  arguments: .init("MODEL", values: .file("dnn")),
  statuses: [.model, .unsupported])

runProgram(syntax) { options in
  guard options.arguments.count == 1 else { throw UsageError("give one .dnn file") }
  let information: Information
  do {
    information = try Information(path: options.arguments[0], verifies: options.has("--verify"))
  } catch let failure as Failure {
    throw ModelError(failure)
  }
  try Terminal.print(options.has("--json") ? information.json() : information.text())
  return information.verification.map { $0.isPassed ? .done : .failure } ?? .done
}
