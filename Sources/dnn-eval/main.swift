import DNNCommandLine
import DNNModel
import DNNReport
import Foundation

let syntax = CommandLineSyntax(
  usage: """
    usage: dnn-eval [options] --data FOLDER FILE

    Measures how good a model is on labelled images: those of the data's test set, or all where there is none.
      dnn-eval --data mnist/ model.dnn
      dnn-eval --data mnist/ --json --csv answers.csv model.dnn
    """,
  options: [
    .init("--data", "FOLDER", "IDX files with MNIST's names, plain or gzip"),
    .init("--json", nil, "print one JSON object"),
    .init("--csv", "FILE", "write a line per image: its class, the answer and all probabilities"),
    .init("--threads", "N", "threads to compute with; 0 for one a processor (default: 0)"),
  ],
  takesArguments: true)

runProgram("dnn-eval", version: Classifier.libraryVersion, syntax) { options in
  let threads = try options.integer("--threads", in: 0...256) ?? 0
  guard let dataPath = options.text("--data") else { throw UsageError("--data is missing: give a folder of IDX files") }
  guard options.arguments.count == 1 else { throw UsageError("give one .dnn file") }
  let model = try OpenModel(path: options.arguments[0], threads: threads)
  let data = try EvaluationData(path: dataPath, classCount: model.classifier.labels.count)
  let evaluation = try model.evaluate(on: data)
  if let path = options.text("--csv") { try writeAtomically(Array(evaluation.predictions.csv().utf8), to: path) }
  Terminal.print(try options.has("--json") ? json(evaluation, data) : text(evaluation, data))
  return .done
}
