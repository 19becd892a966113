import DNNCommandLine
import DNNModel
import FoundationEssentials

/// How answers are written.
enum Output {
  case text(width: Int)
  case plain
  case json

  func line(_ path: String, _ answer: Answer) throws -> String {
    switch self {
    case .text(let width): textLine(path, answer, width: width)
    case .plain: plainLine(path, answer)
    case .json: try jsonLine(path, answer)
    }
  }
}

/// What people read: one line, or for several classes one line each below the file's name. On a terminal the answers of several
/// files stand below one another, and the label is bold.
private func textLine(_ path: String, _ answer: Answer, width: Int) -> String {
  func text(_ prediction: Classifier.Prediction) -> String {
    "\(Terminal.bold(Terminal.printable(prediction.label))) (\(decimal(100 * prediction.probability, 1)) %)"
  }
  let predictions = answer.predictions
  let remark =
    switch answer {
    case .classified: ""
    case .uncertain: "uncertain, "
    case .nothing: "nothing to see"
    }
  let path = Terminal.printable(path)
  if predictions.count < 2 {
    let space = width > 0 ? String(repeating: " ", count: max(0, width - path.count)) : ""
    return "\(path):\(space) \(remark)\(predictions.map(text).joined())\n"
  }
  return "\(path):\(remark.isEmpty ? "" : " uncertain")\n" + predictions.map { "  \(text($0))\n" }.joined()
}

/// What scripts read: file, answer, then label and probability of each class asked for, with tabs between them. A tab, a line
/// feed and a backslash in a file's name or label become \t, \n and \\.
private func plainLine(_ path: String, _ answer: Answer) -> String {
  // By scalars: for characters, a tab with an accent over it is no tab.
  func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": result += "\\\\"
      case "\t": result += "\\t"
      case "\n": result += "\\n"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
  let classes = answer.predictions.flatMap { [escaped($0.label), decimal($0.probability, 6)] }
  return ([escaped(path), answer.word] + classes).joined(separator: "\t") + "\n"
}

/// What programs read: one JSON object on a line.
private func jsonLine(_ path: String, _ answer: Answer) throws -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  return String(decoding: try encoder.encode(JSONLine(file: path, answer: answer)), as: UTF8.self) + "\n"
}

private struct JSONLine: Encodable {
  let file: String
  let answer: Answer

  enum Key: CodingKey { case file, `class`, label, probability, reason, top }

  func encode(to encoder: any Encoder) throws {
    var object = encoder.container(keyedBy: Key.self)
    try object.encode(file, forKey: .file)
    let best = answer.predictions.first
    // Null where there is no answer to rely on; a program that reads only the label must not take it for one.
    if case .classified = answer {
      try object.encode(best?.classIndex, forKey: .class)
      try object.encode(best?.label, forKey: .label)
    } else {
      try object.encodeNil(forKey: .class)
      try object.encodeNil(forKey: .label)
      try object.encode(answer.word, forKey: .reason)
    }
    try object.encode(best?.probability, forKey: .probability)
    try object.encode(answer.predictions.map { JSONClass($0) }, forKey: .top)
  }
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
