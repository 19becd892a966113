import DNNModel

/// Counts answers.
struct Summary {
  private var labels: [String: (classIndex: Int, count: Int)] = [:]
  private var classified = 0
  private var uncertain = 0
  private var nothing = 0
  /// Pictures that could not be read.
  var failed = 0

  mutating func add(_ answer: Answer) {
    switch answer {
    case .classified(let predictions):
      classified += 1
      labels[predictions[0].label, default: (predictions[0].classIndex, 0)].count += 1
    case .uncertain: uncertain += 1
    case .nothing: nothing += 1
    }
  }

  var text: String {
    let counts = labels.sorted { $0.value.classIndex < $1.value.classIndex }.map { "\($0.key) × \($0.value.count)" }
    var parts = ["\(classified) classified" + (counts.isEmpty ? "" : " (\(counts.joined(separator: ", ")))")]
    if uncertain > 0 { parts.append("\(uncertain) uncertain") }
    if nothing > 0 { parts.append("\(nothing) with nothing to see") }
    if failed > 0 { parts.append("\(failed) could not be read") }
    return "\(classified + uncertain + nothing + failed) pictures: " + parts.joined(separator: "; ")
  }
}
