import DNNCommandLine
import DNNTrain
import Foundation

/// One search. Where it stands is in a folder beside the file to write, with a checkpoint for each trial, so that a search that
/// was ended at any moment goes on.
struct Search {
  private let settings: SearchSettings
  private let display: Display
  private let images: TrainingImages
  private let folder: String

  /// Reads the data.
  init(_ settings: SearchSettings) throws {
    self.settings = settings
    display = Display(isQuiet: settings.isQuiet)
    images = try TrainingImages(settings.common, display)
    folder = settings.common.outPath + ".search"
  }

  /// Searches, shows what came out, and writes the best model.
  func run() throws -> ExitStatus {
    if !settings.resumes { try? FileManager.default.removeItem(atPath: folder) }
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw CheckpointFile.Unusable(path: folder, reason: "the folder cannot be made")
    }
    Interrupt.watch()
    var results = SearchResults(settings)
    var left = settings.trials
    for step in settings.plan.steps {
      left = Array(left.prefix(step.trials))
      for trial in left {
        guard let result = try train(trial, to: step.epochs) else {
          display.note("stopped; the same command with --resume goes on")
          return .interrupted
        }
        results.set(result)
        display.note(results.line(result))
        try results.writeCSV()
      }
      // Of trials that are as good, the first.
      left.sort { (results.score($1), $0.number) < (results.score($0), $1.number) }
    }
    try Terminal.print(results.table())
    guard results.score(left[0]) > .diverged else { throw SearchError.allDiverged }
    let best = try training(left[0])
    _ = try best.resume(from: checkpoint(left[0]))
    try best.finish()
    try? FileManager.default.removeItem(atPath: folder)
    return .done
  }

  /// - Returns: nil if it was interrupted.
  private func train(_ trial: SearchSettings.Trial, to epochs: Int) throws -> SearchResults.Result? {
    let (training, checkpoint) = (try training(trial), checkpoint(trial))
    _ = try training.resume(from: checkpoint)
    let trainer = training.trainer
    func isDone() -> Bool { trainer.history.count >= epochs || trainer.isFinished }
    if !isDone() {
      let outcome = try training.train(saving: checkpoint) { Interrupt.isRequested || isDone() }
      if case .diverged = outcome {
        return SearchResults.Result(trial: trial, history: trainer.history, score: .diverged)
      }
      if !isDone() { return nil }
      if outcome == .finished { try training.save(checkpoint) }
    }
    return SearchResults.Result(
      trial: trial, history: trainer.history,
      score: TrialScore(trainer.history, keepsBestEpoch: trainer.options.keepsBestEpoch))
  }

  private func training(_ trial: SearchSettings.Trial) throws -> Training {
    try Training(trial.settings, images, Display(isQuiet: true), search: settings.description)
  }

  private func checkpoint(_ trial: SearchSettings.Trial) -> CheckpointFile {
    CheckpointFile(path: "\(folder)/\(trial.number).checkpoint")
  }
}

/// A search that found nothing.
enum SearchError: Error, CustomStringConvertible {
  case allDiverged

  var description: String {
    "the loss or the weights of every trial left the finite numbers: search smaller learning rates; nothing was written"
  }
}
