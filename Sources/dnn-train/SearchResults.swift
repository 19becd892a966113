import DNNCommandLine
import DNNModel
import DNNTrain

/// What the trials of a search have come to.
struct SearchResults {
  /// Of one trial, so far.
  struct Result {
    let trial: SearchSettings.Trial
    let history: [TrainingEpoch]
    let score: TrialScore
  }

  private let settings: SearchSettings
  private var results: [Int: Result] = [:]

  init(_ settings: SearchSettings) { self.settings = settings }

  /// Takes in place of what the trial had come to before.
  mutating func set(_ result: Result) { results[result.trial.number] = result }

  func score(_ trial: SearchSettings.Trial) -> TrialScore { results[trial.number]?.score ?? .diverged }

  /// For people, while the search goes on.
  func line(_ result: Result) -> String {
    let values = zip(settings.parameters, result.trial.values).map { "\($0) \($1)" }.joined(separator: ", ")
    return "trial \(result.trial.number) of \(settings.trials.count): \(values); epoch \(result.history.count), "
      + (result.score > .diverged ? "held-out accuracy \(accuracy(result))" : "diverged")
  }

  /// For people, the best first: those trained for longest, and of them the most accurate.
  func table() -> String {
    let rows = sorted.map { result in
      ["\(result.trial.number)"] + result.trial.values + [
        "\(result.history.count)", result.score > .diverged ? decimal(result.score.loss, 4) : "",
        result.score > .diverged ? accuracy(result) : "diverged",
      ]
    }
    return DNNCommandLine.table(
      [["trial"] + settings.parameters + ["epochs", "held-out loss", "accuracy"]] + rows, rightFrom: 0)
  }

  /// Writes the file that was asked for, if one was.
  ///
  /// - Throws: `FileError`.
  func writeCSV() throws {
    guard let path = settings.resultsPath else { return }
    let titles = ["trial"] + settings.parameters + ["epochs", "held_out_loss", "held_out_accuracy", "diverged"]
    let rows = sorted.map { result in
      let isFinite = result.score > .diverged
      return ["\(result.trial.number)"] + result.trial.values.map(csvField) + [
        "\(result.history.count)", isFinite ? "\(result.score.loss)" : "", isFinite ? "\(result.score.accuracy)" : "",
        isFinite ? "0" : "1",
      ]
    }
    let lines = ([titles] + rows).map { $0.joined(separator: ",") + "\r\n" }
    try writeAtomically(Array(lines.joined().utf8), to: path)
  }

  private var sorted: [Result] {
    results.values.sorted { a, b in
      let (goesOn, other) = (a.score > .diverged, b.score > .diverged)
      if goesOn != other { return goesOn }
      if a.history.count != b.history.count { return a.history.count > b.history.count }
      return (b.score, a.trial.number) < (a.score, b.trial.number)
    }
  }

  private func accuracy(_ result: Result) -> String { percent(Double(result.score.accuracy)) }
}
