import DNNCommandLine
import DNNModel
import DNNTrain
import FoundationEssentials

/// What other programs get to see of a training: a CSV file, and lines of JSON on standard output.
struct HistoryOutput {
  /// nil for none.
  let csvPath: String?
  let isJSON: Bool

  /// Shows an epoch that has just ended.
  ///
  /// - Parameters:
  ///   - progress: at its end.
  ///   - history: with it as the last.
  /// - Throws: `FileError`.
  func add(_ progress: TrainingProgress, _ history: [TrainingEpoch]) throws {
    try writeCSV(history)
    if isJSON, let last = history.last { try Terminal.print(Line(progress, last).json()) }
  }

  /// Writes the CSV file, if one is asked for.
  ///
  /// - Throws: `FileError`.
  func writeCSV(_ history: [TrainingEpoch]) throws {
    guard let csvPath else { return }
    let header = "epoch,training_loss,training_accuracy,held_out_loss,held_out_accuracy,learning_rate"
    let lines = history.enumerated().map { index, epoch in
      "\(index + 1),\(epoch.trainingLoss),\(epoch.trainingAccuracy),\(epoch.heldOutLoss),\(epoch.heldOutAccuracy),"
        + "\(epoch.learningRate)"
    }
    // RFC 4180, as all CSV files of this project.
    try writeAtomically(Array(([header] + lines).map { $0 + "\r\n" }.joined().utf8), to: csvPath)
  }
}

/// An epoch as a program reads it.
private struct Line: Encodable {
  let epoch: Int
  let epochs: Int
  let trainingLoss: Float
  let trainingAccuracy: Float
  let heldOutLoss: Float
  let heldOutAccuracy: Float
  let learningRate: Float
  /// Of this epoch's training, without what came before a resumption.
  let seconds: Double
  /// The part of `seconds` in which the root waited for messages; not there without other ranks.
  let waitingSeconds: Double?
  let imagesPerSecond: Double

  init(_ progress: TrainingProgress, _ measured: TrainingEpoch) {
    (epoch, epochs) = (progress.epoch, progress.epochs)
    (trainingLoss, trainingAccuracy) = (measured.trainingLoss, measured.trainingAccuracy)
    (heldOutLoss, heldOutAccuracy) = (measured.heldOutLoss, measured.heldOutAccuracy)
    learningRate = measured.learningRate
    (seconds, waitingSeconds) = (progress.seconds, progress.waitingSeconds)
    imagesPerSecond = progress.imagesPerSecond
  }
}

extension Encodable {
  /// One line.
  func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
  }
}
