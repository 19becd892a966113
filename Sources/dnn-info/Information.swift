import DNNModel
import FoundationEssentials
import MNISTInfer

/// Everything that dnn-info shows.
struct Information: Encodable {
  let file: String
  let bytes: Int
  let input: [Int]
  let labels: [String]
  let preparation: [String: String]
  /// What the network is computed in.
  let arithmetic: String
  /// Of the picture, then of each layer's output; only for an integer model.
  let quantization: [Value]?
  let layers: [ModelSummary.Layer]
  let parameters: Int
  let multiplyAdds: Int
  let sections: [ModelSummary.Section]
  let provenance: [String: String]
  let metadata: [String: String]
  let history: [TrainingEpoch]
  let verification: Verification?

  /// How the 8-bit numbers of a value stand for real ones: scale * (q - zeroPoint).
  struct Value: Encodable {
    let scale: Float
    let zeroPoint: Int
  }

  /// What the self-test gave.
  struct Verification: Encodable {
    let pictures: Int
    let largestDifference: Float
    let tolerance: Float
    let instructionSet: String

    var isPassed: Bool { pictures > 0 && largestDifference <= tolerance }
  }

  init(path: String, verifies: Bool) throws {
    // The runtime's own reader opens the file, so its messages name it.
    let classifier = try Classifier(path: path, threads: 1)
    let bytes = try readFile(path)
    let model = try ModelFile(decoding: bytes)
    let summary = try ModelSummary(bytes: bytes)
    file = path
    self.bytes = bytes.count
    input = [model.input.height, model.input.width, model.input.channels]
    labels = model.labels
    preparation = Information.describe(model.preparation)
    arithmetic = model.quantization.isEmpty ? "float32" : "8-bit integers"
    quantization =
      model.quantization.isEmpty ? nil : model.quantization.map { Value(scale: $0.scale, zeroPoint: $0.zeroPoint) }
    layers = summary.layers
    parameters = summary.layers.reduce(0) { $0 + $1.parameters }
    multiplyAdds = summary.layers.reduce(0) { $0 + $1.multiplyAdds }
    sections = summary.sections
    provenance = model.provenance
    metadata = model.metadata
    history = model.history
    verification = verifies ? try Information.verify(classifier) : nil
  }

  private static func verify(_ classifier: Classifier) throws -> Verification {
    let result = try classifier.verify()
    return Verification(
      pictures: result.pictures, largestDifference: result.largestDifference, tolerance: result.tolerance,
      instructionSet: Classifier.instructionSet)
  }

  private static func describe(_ preparation: Preparation) -> [String: String] {
    var result = ["polarity": preparation.polarity == .keep ? "as it is" : "light on dark"]
    switch preparation.placement {
    case .stretch: result["placement"] = "stretched"
    case .centreOfMass:
      result["placement"] = "centre of mass, in a box of \(preparation.boxHeight)×\(preparation.boxWidth)"
    case .fit: result["placement"] = "in a box of \(preparation.boxHeight)×\(preparation.boxWidth)"
    }
    if preparation.steps != .none { result["steps"] = "steps " + preparation.steps.names.joined(separator: " ") }
    return result
  }

  func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
    return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
  }
}
