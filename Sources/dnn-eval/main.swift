import DNNCommandLine
import DNNModel
import DNNReport
import Foundation

let syntax = CommandLineSyntax(
  usage: """
    usage: dnn-eval [options] --data DATA FILE…

    Measures how good a model is on labelled images: those of the data's test set, or the training images where there
    is none. Several models are compared.
      dnn-eval --data mnist/ model.dnn
      dnn-eval --data mnist/ --report report.html model.dnn
      dnn-eval --data mnist/ small.dnn large.dnn
      dnn-eval --data mnist/ --samples samples.png
      dnn-eval --data mnist/ --json --csv answers.csv model.dnn
    """,
  options: [
    .init("--data", "DATA", "labelled images as dnn-train takes them"),
    .init("--json", nil, "print one JSON object"),
    .init("--csv", "FILE", "write a line per image: its class, the answer and all probabilities; one model only"),
    .init("--report", "FILE", "write a page with charts and pictures: one HTML file that needs nothing else"),
    .init("--samples", "FILE", "write a PNG with images of each class, and the answers if a .dnn file is given"),
    .init("--threads", "N", "threads to compute with; 0 for one a processor (default: 0)"),
  ],
  takesArguments: true)

runProgram("dnn-eval", version: Classifier.libraryVersion, syntax) { options in
  let threads = try options.integer("--threads", in: 0...256) ?? 0
  guard let dataPath = options.text("--data") else { throw UsageError("--data is missing: give what dnn-train takes") }
  if options.arguments.isEmpty, let path = options.text("--samples") {
    if let other = ["--json", "--csv", "--report"].first(where: options.has) {
      throw UsageError("\(other) needs a .dnn file")
    }
    try writeSamples(of: EvaluationData(dataPath, classCount: nil, note: Terminal.note), to: path)
    return .done
  }
  guard !options.arguments.isEmpty else { throw UsageError("give a .dnn file, or several to compare") }
  if options.arguments.count > 1, let option = ["--csv", "--samples"].first(where: options.has) {
    throw UsageError("\(option) takes one .dnn file")
  }
  let models = try options.arguments.map { try OpenModel(path: $0, threads: threads) }
  try checkClasses(models)
  let data = try EvaluationData(
    dataPath, classCount: models[0].classifier.labels.count, note: Terminal.note)
  let evaluations = try models.map { try $0.evaluate(on: data) }
  try writeFiles(evaluations, data, options)
  if options.has("--json") {
    Terminal.print(try json(evaluations, data))
  } else {
    Terminal.print(evaluations.count == 1 ? text(evaluations[0], data) : text(evaluations, data))
  }
  return .done
}
