import DNNReport
import FoundationEssentials

/// What programs read: one object for one model; for several, `models`, and `comparisons` of every two.
func json(_ evaluations: [ModelEvaluation], _ data: EvaluationData) throws -> String {
  let models = evaluations.map { JSONEvaluation($0, data) }
  if models.count == 1 { return try encode(models[0]) }
  return try encode(
    JSONComparisons(
      models: models, comparisons: Comparison.pairs(evaluations.map(\.predictions)).map { JSONComparison($0) }))
}

private func encode(_ value: some Encodable) throws -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
  return String(decoding: try encoder.encode(value), as: UTF8.self) + "\n"
}

private struct JSONComparisons: Encodable {
  let models: [JSONEvaluation]
  let comparisons: [JSONComparison]
}

/// `first` and `second` are places in `models`.
private struct JSONComparison: Encodable {
  let first: Int
  let second: Int
  let disagreements: Int
  let onlyFirstRight: Int
  let onlySecondRight: Int
  let pValue: Double

  init(_ comparison: Comparison) {
    first = comparison.first
    second = comparison.second
    disagreements = comparison.disagreements.count
    onlyFirstRight = comparison.test.onlyFirstRight
    onlySecondRight = comparison.test.onlySecondRight
    pValue = comparison.test.pValue
  }
}

/// Lists are by class, in the order of `labels`.
private struct JSONEvaluation: Encodable {
  let file: String
  let bytes: Int
  let parameters: Int
  let multiplyAdds: Int
  let data: String
  let part: String
  let count: Int
  let accuracy: Double
  let accuracyInterval: [Double]
  let top2Accuracy: Double
  let loss: Double
  let calibration: Calibration
  let labels: [String]
  let confusion: [[Int]]
  let precision: [Double]
  let recall: [Double]
  let f1: [Double]
  let support: [Int]
  let macro: Scores
  let weighted: Scores
  let imagesPerSecond: Double

  init(_ evaluation: ModelEvaluation, _ data: EvaluationData) {
    let metrics = evaluation.metrics
    file = evaluation.file
    bytes = evaluation.bytes
    parameters = evaluation.parameters
    multiplyAdds = evaluation.multiplyAdds
    self.data = data.name
    part = data.part
    count = metrics.count
    accuracy = metrics.accuracy
    accuracyInterval = [metrics.accuracyInterval.lowerBound, metrics.accuracyInterval.upperBound]
    top2Accuracy = metrics.top2Accuracy
    loss = metrics.loss
    calibration = metrics.calibration
    labels = evaluation.predictions.labels
    confusion = metrics.confusion
    precision = metrics.classes.map(\.precision)
    recall = metrics.classes.map(\.recall)
    f1 = metrics.classes.map(\.f1)
    support = metrics.classes.map(\.support)
    macro = metrics.macro
    weighted = metrics.weighted
    imagesPerSecond = evaluation.imagesPerSecond
  }
}
