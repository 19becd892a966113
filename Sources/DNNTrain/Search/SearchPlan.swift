import DNNModel

/// How many trials of a search go on to how many epochs, step by step.
package struct SearchPlan: Equatable, Sendable {
  /// Trials that are left, and the epochs that each is trained for in all. The last step's is the whole training.
  package struct Step: Equatable, Sendable {
    package let trials: Int
    package let epochs: Int
  }

  /// At least one.
  package let steps: [Step]

  /// Every trial is trained to the end.
  package static func random(trials: Int, epochs: Int) -> SearchPlan {
    SearchPlan(steps: [Step(trials: trials, epochs: epochs)])
  }

  /// Successive halving (Jamieson, Talwalkar: Non-stochastic best arm identification and hyperparameter optimization, 2016) with
  /// the usual third in place of the half (Li et al.: Hyperband, 2018, algorithm 1): the best third of the trials goes on to three
  /// times the epochs, until they have all.
  ///
  /// - Parameters:
  ///   - trials: at least 1.
  ///   - epochs: of a whole training, at least 1.
  /// - Returns: as many steps as trials and epochs can be divided by three, and the last.
  package static func halving(trials: Int, epochs: Int) -> SearchPlan {
    var divisors = [1]
    while divisors[0] * 3 <= min(trials, epochs) { divisors.insert(divisors[0] * 3, at: 0) }
    return SearchPlan(
      steps: zip(divisors.reversed(), divisors).map { trialDivisor, epochDivisor in
        Step(trials: trials / trialDivisor, epochs: (epochs + epochDivisor / 2) / epochDivisor)
      })
  }
}

/// How good a trial is so far.
package struct TrialScore: Comparable, Sendable {
  /// Of the weights that it would end with; below 0 for a trial that has diverged.
  package let accuracy: Float
  /// Likewise.
  package let loss: Float

  /// Of a trial that is worse than all others.
  package static let diverged = TrialScore(accuracy: -1, loss: .infinity)

  private init(accuracy: Float, loss: Float) { (self.accuracy, self.loss) = (accuracy, loss) }

  /// - Parameters:
  ///   - history: at least one epoch.
  ///   - keepsBestEpoch: whether the best of them is what counts, and not the last.
  package init(_ history: [TrainingEpoch], keepsBestEpoch: Bool) {
    let best = history.map(\.heldOutAccuracy).max()
    let epoch = (keepsBestEpoch ? history.first { $0.heldOutAccuracy == best } : nil) ?? history[history.count - 1]
    self.init(accuracy: epoch.heldOutAccuracy, loss: epoch.heldOutLoss)
  }

  package static func < (a: TrialScore, b: TrialScore) -> Bool { (a.accuracy, -a.loss) < (b.accuracy, -b.loss) }
}
