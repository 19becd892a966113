import DNNModel
import Foundation

/// The likeliest classes of a picture; "-" is standard input.
func classify(_ path: String, _ classifier: Classifier, top: Int) throws -> [Classifier.Prediction] {
  guard path == "-" else { return try classifier.classify(path: path, top: top) }
  let bytes = try FileHandle.standardInput.readToEnd() ?? Data()
  return try classifier.classify(png: Array(bytes), top: top)
}

/// What people read: one line, or for several classes one line each below the file's name.
func plainLines(_ path: String, _ predictions: [Classifier.Prediction]) -> String {
  func text(_ prediction: Classifier.Prediction) -> String {
    "\(prediction.label) (\(String(format: "%.1f", 100 * prediction.probability)) %)"
  }
  guard predictions.count > 1 else { return "\(path): \(predictions.map(text).joined())\n" }
  return "\(path):\n" + predictions.map { "  \(text($0))\n" }.joined()
}

/// What programs read: one JSON object on a line.
func jsonLine(_ path: String, _ predictions: [Classifier.Prediction]) throws -> String {
  let classes = predictions.map { JSONClass($0) }
  guard let best = classes.first else { return "" }
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  let line = JSONLine(file: path, class: best.class, label: best.label, probability: best.probability, top: classes)
  return String(decoding: try encoder.encode(line), as: UTF8.self) + "\n"
}

private struct JSONLine: Encodable {
  var file: String
  var `class`: Int
  var label: String
  var probability: Float
  var top: [JSONClass]
}

private struct JSONClass: Encodable {
  var `class`: Int
  var label: String
  var probability: Float

  init(_ prediction: Classifier.Prediction) {
    `class` = prediction.classIndex
    label = prediction.label
    probability = prediction.probability
  }
}
