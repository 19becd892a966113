import DNNModel
import DNNReport
import DNNTrain

/// The page of --report: written anew after each epoch, in one step, so that a browser never sees half of it.
struct ReportFile {
  let path: String
  /// The model's file, as the page names it.
  let modelPath: String
  let threads: Int
  /// The words that the program was called with.
  let command: [String]

  /// Shows a model, by what the runtime makes of it.
  ///
  /// - Throws: `Failure`, `EvaluationError` or `FileError`.
  func write(_ model: ModelFile, on data: EvaluationData, _ stage: Report.Stage) throws {
    // A checkpoint's page is about the model in it: its size is not that of the training's state.
    var model = model
    model.trainingState = nil
    let bytes = try model.encoded()
    let classifier = try Classifier(bytes: bytes, threads: threads)
    let evaluation = try ModelEvaluation(file: modelPath, classifier, contents: bytes, on: data)
    let report = Report([evaluation], on: data, command: command, stage: stage)
    try writeAtomically(Array(report.html().utf8), to: path)
  }
}
