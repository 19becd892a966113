import DNNModel
import Foundation
import MNISTInfer
import Testing

@testable import DNNTrain

@Suite struct TemperatureTests {
  @Test("finds the temperature that labels were drawn at", arguments: [0.5, 1, 1.8, 4])
  func search(temperature: Double) throws {
    var generator = RandomGenerator(RandomKey(seed: 5))
    var (logits, labels): ([Double], [Int]) = ([], [])
    for _ in 0..<20_000 {
      let own = (0..<5).map { _ in 4 * Double(generator.symmetricUnit()) }
      let weights = own.map { exp($0 / temperature) }
      var rest = Double(generator.unit()) * weights.reduce(0, +)
      var label = 0
      while label < 4 && rest >= weights[label] {
        rest -= weights[label]
        label += 1
      }
      // A constant that the softmax does not see.
      logits += own.map { $0 + 100 }
      labels.append(label)
    }
    let found = try #require(Temperature(logits: logits, labels: labels)).value
    // The information on 1/T is the variance of a logit under the probabilities, above 1 here: four standard errors of 1/T are
    // below 4 / √20000 = 0.03.
    #expect(abs(1 / found - 1 / temperature) < 0.03, "\(found)")
    #expect((found * 1000).rounded() / 1000 == found)
  }

  @Test("none where all are right, where no image is more likely right than wrong, and where there are few images")
  func none() {
    let logits: [Double] = [3, 1, 0, 0, 2, 1]
    func times(_ count: Int, _ labels: [Int]) -> Temperature? {
      Temperature(
        logits: (0..<count).flatMap { _ in logits }, labels: (0..<count).flatMap { _ in labels })
    }
    #expect(times(100, [0, 1]) == nil)
    #expect(times(100, [2, 0]) == nil)
    #expect(times(0, []) == nil)
    #expect(times(100, [0, 2]) != nil)
    #expect(times(2, [0, 2]) == nil)
  }
}

/// Networks whose logits come from a weighted sum, and through layers that pass on a factor.
private let architectures = [
  "conv 6 3x3 relu; maxpool 2; flatten; dense 12 relu; dense 4",
  "conv 6 3x3 relu; conv 4 3x3; globalavgpool",
]

private var record: TrainingRecord {
  TrainingRecord(
    recipe: nil, data: "bars", dataSHA256: "none", labels: ["lying", "standing", "falling", "rising"],
    preparation: Preparation(polarity: .lightOnDark, placement: .stretch, boxHeight: 0, boxWidth: 0))
}

private func trainer(_ architecture: String, epochs: Int = 3) throws -> Trainer {
  let training = bars(count: 400, seed: 10)
  let trainer = try Trainer(
    Architecture(parsing: architecture), input: training.shape,
    options: TrainingOptions(epochs: epochs, batchSize: 50, seed: 1, threads: 2, optimizer: Adam(learningRate: 0.01)))
  trainer.train(on: training, heldOut: bars(count: 20, seed: 11)) { _ in }
  return trainer
}

private func quantized(_ model: ModelFile, weightsOnly: Bool, heldOut: Dataset) throws -> ModelFile {
  try Quantizer(
    model, training: bars(count: 100, seed: 10), heldOut: heldOut,
    options: QuantizationOptions(weightsOnly: weightsOnly, threads: 2)
  ).quantize().file
}

/// Mean cross-entropy through the runtime.
private func loss(_ model: ModelFile, _ data: Dataset) throws -> Double {
  let probabilities = try Classifier(bytes: model.encoded(), threads: 1).predict(data.images)
  let logarithms = data.labels.enumerated().map { log(Double(max(probabilities[$0.offset * 4 + $0.element], 1e-30))) }
  return -logarithms.reduce(0, +) / Double(data.count)
}

@Suite struct CalibrationTests {
  @Test("dividing logits does that to the runtime's probabilities and nothing to classes", arguments: architectures)
  func division(architecture: String) throws {
    let data = bars(count: 100, seed: 13)
    let float = try trainer(architecture).modelFile(record, heldOut: bars(count: 20, seed: 11))
    for model in [float] + (try [false, true].map { try quantized(float, weightsOnly: $0, heldOut: data) }) {
      let before = try Classifier(bytes: model.encoded(), threads: 1).predict(data.images)
      for divisor in [0.5, 1.7, 16] {
        let divided = try #require(model.dividingLogits(by: divisor))
        let after = try Classifier(bytes: divided.encoded(), threads: 1).predict(data.images)
        for image in 0..<data.count {
          let (old, new) = (before[4 * image..<4 * image + 4], after[4 * image..<4 * image + 4])
          let expected = softmax(old.map { Float(log(Double($0)) / divisor) })
          #expect(zip(new, expected).allSatisfy { abs(Double($0) - $1) < 1e-4 }, "image \(image) by \(divisor)")
        }
      }
    }
  }

  @Test("left alone where no single weighted sum decides")
  func impossible() throws {
    let model = try trainer(architectures[0]).modelFile(record, heldOut: bars(count: 20, seed: 11))
    let (logits, shape) = (model.layers.count - 1, Shape(count: 4))
    #expect(model.dividingLogits(by: 2) != nil)
    func changed(_ change: (inout ModelFile) -> Void) -> ModelFile {
      var other = model
      change(&other)
      return other
    }
    func inserting(_ layer: LayerDescription) -> ModelFile {
      changed {
        $0.layers.insert(layer, at: logits)
        $0.layers[logits + 1].inputs = [logits + 1]
      }
    }
    #expect(inserting(LayerDescription(.flatten, inputs: [logits], output: shape)).dividingLogits(by: 2) != nil)
    #expect(inserting(LayerDescription(.add, inputs: [logits, logits], output: shape)).dividingLogits(by: 2) == nil)
    #expect(changed { $0.layers[logits - 1].activation = .relu }.dividingLogits(by: 2) == nil)
    let other = LayerDescription(.flatten, inputs: [logits], output: shape)
    #expect(changed { $0.layers.insert(other, at: logits) }.dividingLogits(by: 2) == nil, "two layers read the logits")
  }

  @Test("trained and quantized models have the least loss on held-out images that a temperature gives")
  func files() throws {
    // Trained too long on too little, and so too sure.
    let heldOut = bars(count: 200, seed: 11)
    let float = try trainer(architectures[0], epochs: 12).modelFile(record, heldOut: heldOut)
    let temperature = try #require(float.provenance["temperature"].flatMap { Double($0) })
    #expect(abs(temperature - 1) > 0.02, "this training shows nothing")
    let trained = try #require(float.dividingLogits(by: 1 / temperature))
    for model in [float] + (try [false, true].map { try quantized(float, weightsOnly: $0, heldOut: heldOut) }) {
      let least = try loss(model, heldOut)
      for divisor in [0.9, 1.1] {
        #expect(try loss(#require(model.dividingLogits(by: divisor)), heldOut) > least, "\(divisor)")
      }
      if model.provenance["quantization"] != nil {
        #expect(model.provenance["quantization.temperature"].flatMap { Double($0) } != nil)
        #expect(model.provenance["temperature"] == "\(temperature)", "the source's")
      }
    }
    #expect(try loss(trained, heldOut) > loss(float, heldOut))
  }

  @Test("where held-out images are all classified rightly, weights are the trained ones")
  func uncalibrated() throws {
    let trainer = try trainer(architectures[0], epochs: 12)
    let data = bars(count: 60, seed: 11)
    let right = data.subset(data.labels.indices.filter { trainer.predictedClasses(data)[$0] == data.labels[$0] })
    let file = try trainer.modelFile(record, heldOut: right)
    #expect(file.provenance["temperature"] == nil)
    let parameters = trainer.network.elements(.weights, ofNode: 4, trainer.parameters.start)
    #expect(file.layers[4].weights.map(file.values(ofTensor:)) == parameters)
  }
}
