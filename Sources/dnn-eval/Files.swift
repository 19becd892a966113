import DNNCommandLine
import DNNModel
import DNNReport

/// Writes what --csv, --samples and --report ask for; the first two take one model.
func writeFiles(_ evaluations: [ModelEvaluation], _ data: EvaluationData, _ options: CommandLineOptions) throws {
  let predictions = evaluations[0].predictions
  if let path = options.text("--csv") { try writeAtomically(Array(predictions.csv().utf8), to: path) }
  if let path = options.text("--samples") {
    let sheet = SampleSheet(data.images, labels: predictions.labels, predictions: predictions)
    try writeAtomically(sheet.png(), to: path)
  }
  if let path = options.text("--report") {
    let words = ["dnn-eval"] + CommandLine.arguments.dropFirst()
    let report = Report(evaluations, on: data, command: words.joined(separator: " "))
    try writeAtomically(Array(report.html().utf8), to: path)
  }
}

/// Samples of data alone.
func writeSamples(of data: EvaluationData, to path: String) throws {
  try writeAtomically(SampleSheet(data.images, labels: data.classLabels).png(), to: path)
}
