import DNNReport
import Foundation

/// What programs read: one object. Lists are by class, in the order of `labels`.
func json(_ evaluation: ModelEvaluation, _ data: EvaluationData) throws -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
  return String(decoding: try encoder.encode(JSONEvaluation(evaluation, data)), as: UTF8.self) + "\n"
}

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
