import DNNCommandLine
import DNNModel
import DNNReport

/// What people read of several models: a line each, and what every two of them differ in.
func text(_ evaluations: [ModelEvaluation], _ data: EvaluationData) -> String {
  let rows = evaluations.map { evaluation in
    let metrics = evaluation.metrics
    let interval = metrics.accuracyInterval
    return [
      evaluation.file, percent(metrics.accuracy), "\(percent(interval.lowerBound)) to \(percent(interval.upperBound))",
      decimal(metrics.loss, 4), percent(metrics.calibration.expectedError), grouped(evaluation.bytes),
      grouped(evaluation.parameters), grouped(evaluation.multiplyAdds), grouped(Int(evaluation.imagesPerSecond)),
    ]
  }
  let titles = [
    "model", "accuracy", "95 % interval", "loss", "calibration error", "bytes", "parameters", "multiply-adds",
    "images/s",
  ]
  let pairs = Comparison.pairs(evaluations.map(\.predictions)).map { pair in
    let (first, second) = (
      Terminal.printable(evaluations[pair.first].file), Terminal.printable(evaluations[pair.second].file)
    )
    if pair.disagreements.isEmpty { return "\(first) and \(second): the answers are the same\n" }
    return """
      \(first) and \(second): \(grouped(pair.disagreements.count)) different answers
        only \(first) right: \(grouped(pair.test.onlyFirstRight)), only \(second) right: \
      \(grouped(pair.test.onlySecondRight))
        \(pair.isSignificant ? "the difference is more than chance" : "the difference may be chance") \
      (McNemar's exact test, \(pair.test.pValueText))

      """
  }
  return "\(grouped(data.images.count)) \(data.part) of \(Terminal.printable(data.name))\n"
    + table([titles] + rows, rightFrom: 1) + "\n"
    + pairs.joined(separator: "\n")
}
