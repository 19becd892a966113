import DNNCluster
import DNNCommandLine
import DNNModel
import DNNReport

/// The files that --csv, --samples and --report ask for; the first two take one model.
struct OutputFiles {
  private let csvPath: String?
  private let samplesPath: String?
  private let reportPath: String?

  /// - Throws: `OutputError` if one cannot be written.
  init(_ options: CommandLineOptions, _ ranks: Communicator) throws {
    csvPath = try options.outputPath("--csv", ranks)
    samplesPath = try options.outputPath("--samples", ranks)
    reportPath = try options.outputPath("--report", ranks)
  }

  func write(_ evaluations: [ModelEvaluation], _ data: EvaluationData) throws {
    let predictions = evaluations[0].predictions
    if let csvPath { try writeAtomically(Array(predictions.csv().utf8), to: csvPath) }
    if let samplesPath {
      let sheet = SampleSheet(data.images, labels: predictions.labels, predictions: predictions)
      try writeAtomically(sheet.png(), to: samplesPath)
    }
    if let reportPath {
      let report = Report(evaluations, on: data, command: ["dnn-eval"] + CommandLine.arguments.dropFirst())
      try writeAtomically(Array(report.html().utf8), to: reportPath)
    }
  }

  /// Samples of data alone.
  func writeSamples(of data: EvaluationData) throws {
    guard let samplesPath else { return }
    try writeAtomically(SampleSheet(data.images, labels: data.classLabels).png(), to: samplesPath)
  }
}
