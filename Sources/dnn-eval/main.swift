import DNNCommandLine
import DNNModel
import DNNReport

let syntax = CommandLineSyntax(
  name: "dnn-eval", summary: "measure how good models are on labelled images",
  examples: [
    .init("dnn-eval --data mnist model.dnn", "accuracy, and precision, recall and F1 by class"),
    .init("dnn-eval --data mnist --report report.html model.dnn", "a page with charts and pictures"),
    .init("dnn-eval --data mnist small.dnn large.dnn", "whether one model is better by more than chance"),
    .init("dnn-eval --data mnist --samples samples.png", "what the images look like"),
    .init("dnn-eval --data mnist --json --csv answers.csv model.dnn", "figures and answers for programs"),
  ],
  usage: ["[options] --data DATA MODEL…", "--data DATA --samples FILE"],
  description: """
    Measures models on the test images of the data, or on the training images where there are no others. The answers come from
    the runtime that classifies pictures in programs, too. Several models are compared.
    """,
  options: [
    .init("--data", "DATA", "labelled images, as dnn-train takes them", values: .data),
    .init("--json", nil, "print one JSON object"),
    .init(
      "--csv", "FILE", "write a line per image: its class, the answer and all probabilities; one model only",
      values: .file("csv")),
    .init(
      "--report", "FILE", "write a page with charts and pictures: one HTML file that needs nothing else",
      values: .file("html")),
    .init(
      "--samples", "FILE", "write a PNG with images of each class, and the answers if a .dnn file is given",
      values: .file("png")),
    .init("--threads", "N", "threads to compute with; 0 for one a processor (default: 0)"),
    .init("--quiet", nil, "print results and errors only"),
  ],
  arguments: .init("MODEL", values: .file("dnn")),
  statuses: [.model, .unsupported])

runProgram(syntax) { options, ranks in
  let asked = try options.integer("--threads", in: 0...256) ?? 0
  let threads = ranks.isAlone ? asked : try options.threads(ranks)
  guard let dataPath = options.text("--data") else { throw UsageError("--data is missing: give what dnn-train takes") }
  let files = try ranks.together { try OutputFiles(options, ranks) }
  if options.arguments.isEmpty && options.has("--samples") {
    if let other = ["--json", "--csv", "--report"].first(where: options.has) {
      throw UsageError("\(other) needs a .dnn file")
    }
    if ranks.isRoot { try files.writeSamples(of: EvaluationData(dataPath, classCount: nil, note: options.note)) }
    return .done
  }
  guard !options.arguments.isEmpty else { throw UsageError("give a .dnn file, or several to compare") }
  if options.arguments.count > 1, let option = ["--csv", "--samples"].first(where: options.has) {
    throw UsageError("\(option) takes one .dnn file")
  }
  let (models, data) = try ranks.together {
    let models = try options.arguments.map { try OpenModel(path: $0, threads: threads) }
    try checkClasses(models)
    return (
      models, try EvaluationData(dataPath, classCount: models[0].classifier.labels.count, note: options.note)
    )
  }
  try check(ranks, models, data)
  let evaluations = try models.map { try $0.evaluate(on: data, ranks) }
  if ranks.isRoot { try files.write(evaluations, data) }
  if options.has("--json") {
    try Terminal.print(json(evaluations, data))
  } else {
    try Terminal.print(evaluations.count == 1 ? text(evaluations[0], data) : text(evaluations, data))
  }
  return .done
}
