import DNNCommandLine
import DNNModel
import DNNReport

/// What people read: the main figures, scikit-learn's classification report with two digits more, and what is confused.
func text(_ evaluation: ModelEvaluation, _ data: EvaluationData) -> String {
  let metrics = evaluation.metrics
  let interval = metrics.accuracyInterval
  // Of two classes, both are.
  let amongTwo =
    evaluation.predictions.labels.count > 2 ? "among the likeliest two \(percent(metrics.top2Accuracy)); " : ""
  let head = """
    \(Terminal.printable("\(evaluation.file) on \(grouped(metrics.count)) \(data.part) of \(data.name)"))
    accuracy \(percent(metrics.accuracy)), 95 % interval \(percent(interval.lowerBound)) to \
    \(percent(interval.upperBound)) (Wilson 1927); \(grouped(metrics.count - metrics.correct)) wrong
    \(amongTwo)loss \(decimal(metrics.loss, 4)) (mean negative log likelihood)
    calibration error \(percent(metrics.calibration.expectedError)) (15 bins)
    \(grouped(Int(evaluation.imagesPerSecond))) images/s, reading not counted


    """
  let labels = evaluation.predictions.labels
  let confusions = metrics.frequentConfusions(10).map {
    ["  " + labels[$0.truth], "taken for", labels[$0.predicted], grouped($0.count)]
  }
  guard !confusions.isEmpty else { return head + report(evaluation) }
  return head + report(evaluation) + "\nmost frequent confusions\n" + table(confusions, rightFrom: 3)
}

/// In the layout of scikit-learn's `classification_report`.
private func report(_ evaluation: ModelEvaluation) -> String {
  let metrics = evaluation.metrics
  func row(_ name: String, _ scores: Scores) -> [String] {
    [name, decimal(scores.precision, 4), decimal(scores.recall, 4), decimal(scores.f1, 4), grouped(scores.support)]
  }
  let classes = zip(evaluation.predictions.labels, metrics.classes).map(row)
  let means = [
    ["accuracy", "", "", decimal(metrics.accuracy, 4), grouped(metrics.count)],
    row("macro avg", metrics.macro),
    row("weighted avg", metrics.weighted),
  ]
  let blank = ["", "", "", "", ""]
  return table([["", "precision", "recall", "f1-score", "support"], blank] + classes + [blank] + means, rightFrom: 0)
}

func percent(_ share: Double) -> String { decimal(100 * share, 2) + " %" }
