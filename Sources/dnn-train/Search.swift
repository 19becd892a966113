import DNNCluster
import DNNCommandLine
import DNNModel
import DNNTrain
import FoundationEssentials

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
    try makeFolder()
    try training(settings.trials[0]).check(settings.ranks)
    Interrupt.watch()
    var results = SearchResults(settings)
    var left = settings.trials
    for step in settings.plan.steps {
      left = Array(left.prefix(step.trials))
      // Each rank takes a trial at a time.
      for first in stride(from: 0, to: left.count, by: settings.ranks.rankCount) {
        let trials = left[first..<min(first + settings.ranks.rankCount, left.count)]
        guard try train(Array(trials), to: step.epochs, &results) else {
          display.note("stopped; the same command with --resume goes on")
          return .interrupted
        }
      }
      // Of trials that are as good, the first.
      left.sort { (results.score($1), $0.number) < (results.score($0), $1.number) }
    }
    try Terminal.print(results.table())
    guard results.score(left[0]) > .diverged else { throw SearchError.allDiverged }
    if settings.ranks.isRoot { try finish(left[0]) }
    return .done
  }

  /// The root makes it, and all must see it: a trial may go on elsewhere than where it began.
  private func makeFolder() throws {
    try settings.ranks.together {
      guard settings.ranks.isRoot else { return }
      if !settings.resumes { try? FileManager.default.removeItem(atPath: folder) }
      do {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      } catch {
        throw CheckpointFile.Unusable(path: folder, reason: "the folder cannot be made")
      }
    }
    try settings.ranks.together {
      if FileManager.default.fileExists(atPath: folder) { return }
      throw CheckpointFile.Unusable(path: folder, reason: "it is not there: give an --out that all ranks share")
    }
  }

  /// Trains each trial on its rank, and tells all ranks what came of them.
  ///
  /// - Returns: false if one was interrupted.
  private func train(_ trials: [SearchSettings.Trial], to epochs: Int, _ results: inout SearchResults) throws -> Bool {
    let ranks = settings.ranks
    let own = try ranks.rank < trials.count ? train(trials[ranks.rank], to: epochs) : nil
    let endings = ranks.gather(own.map { [$0.ending] } ?? []).joined()
    let histories = ranks.gather(own?.history ?? [])
    for (trial, (ending, history)) in zip(trials, zip(endings, histories)) where ending != .interrupted {
      let keepsBestEpoch = trial.settings.training.keepsBestEpoch
      let result = SearchResults.Result(
        trial: trial, history: history,
        score: ending == .diverged ? .diverged : TrialScore(history, keepsBestEpoch: keepsBestEpoch))
      results.set(result)
      display.note(results.line(result))
      if ranks.isRoot { try results.writeCSV() }
    }
    return !endings.contains(.interrupted)
  }

  private enum Ending: BitwiseCopyable {
    case trained, diverged, interrupted
  }

  private func train(
    _ trial: SearchSettings.Trial, to epochs: Int
  ) throws -> (ending: Ending, history: [TrainingEpoch]) {
    let (training, checkpoint) = (try training(trial), checkpoint(trial))
    _ = try training.resume(from: checkpoint)
    let trainer = training.trainer
    func isDone() -> Bool { trainer.history.count >= epochs || trainer.isFinished }
    if !isDone() {
      let outcome = try training.train(saving: checkpoint) { Interrupt.isRequested || isDone() }
      if case .diverged = outcome { return (.diverged, trainer.history) }
      if !isDone() { return (.interrupted, []) }
      if outcome == .finished { try training.save(checkpoint) }
    }
    return (.trained, trainer.history)
  }

  private func finish(_ trial: SearchSettings.Trial) throws {
    let best = try training(trial)
    _ = try best.resume(from: checkpoint(trial))
    try best.finish()
    try? FileManager.default.removeItem(atPath: folder)
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
